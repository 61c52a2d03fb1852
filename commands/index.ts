import type { Command } from '#src/discord/command.ts'
import { acknowledge } from './acknowledge.ts'
import { audit } from './audit.ts'
import { explain } from './explain.ts'

/** Every slash command, by hand: what is not listed here does not exist. */
export const COMMANDS: readonly Command[] = [audit, explain, acknowledge]
