import type { Command } from '#src/discord/command.ts'
import { acknowledge } from './acknowledge.ts'
import { arm } from './arm.ts'
import { audit } from './audit.ts'
import { bots } from './bots.ts'
import { capability } from './capability.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { history } from './history.ts'
import { identity } from './identity.ts'
import { notices } from './notices.ts'
import { override } from './override.ts'
import { policy } from './policy.ts'
import { protect } from './protect.ts'
import { roles } from './roles.ts'
import { schedule } from './schedule.ts'
import { sinks } from './sinks.ts'
import { stop } from './stop.ts'
import { undo } from './undo.ts'

/** Every slash command, by hand: what is not listed here does not exist. */
export const COMMANDS: readonly Command[] = [
  audit,
  explain,
  identity,
  doctor,
  acknowledge,
  arm,
  schedule,
  stop,
  undo,
  protect,
  override,
  bots,
  roles,
  policy,
  capability,
  notices,
  sinks,
  history,
]
