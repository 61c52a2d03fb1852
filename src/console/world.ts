import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Actor } from '#src/core/trail.ts'
import type { Append } from '#src/identity/import.ts'
import { StoreFault, toFault } from '#src/store/fault.ts'
import type { Db } from '#src/store/handle.ts'
import { whereToCopy } from './ids.ts'

/** What a console command is given; `src/cli.ts` opens it. */
export interface ConsoleWorld {
  readonly db: Db
  readonly append: Append
  /** Each writes one line. */
  out(line: string): void
  err(line: string): void
  now(): number
  readonly actor: Actor
  /** The guilds that this installation has seen. */
  readonly guildIds: readonly Id[]
}

/** Guilds named in a sentence that asks which one is meant. */
const GUILDS_SHOWN = 10
/** The exit code for what the operator can mend. */
const MENDABLE = 2

/** The guild that a command is about: the one named, or the only one there is. Throws `Refusal` with the choice where it is not clear. */
export const chooseGuild = (named: Id | undefined, { guildIds }: Pick<ConsoleWorld, 'guildIds'>): Id =>
  named ?? onlyGuild(guildIds)

/** The same for what can be said of a guild before the bot is in it; where it knows others and not this one, that is said. */
export function chooseGuildToCome(named: Id | undefined, world: ConsoleWorld): Id {
  const guildId = chooseGuild(named, world)
  if (world.guildIds.length > 0 && !world.guildIds.includes(guildId))
    world.err(`Note: the bot has not seen server ${guildId} yet. What is stored for it counts once the bot is there.`)
  return guildId
}

/** Runs a command and says in one sentence, for exit code 2, what the operator can mend; everything else is thrown on. */
export async function endingWithSentence(world: ConsoleWorld, command: () => Promise<number>): Promise<number> {
  try {
    return await command()
  } catch (error) {
    const fault = toFault(error)
    if (!(fault instanceof Refusal || fault instanceof StoreFault)) throw fault
    for (const line of fault.message.split('\n')) world.err(line)
    return MENDABLE
  }
}

function onlyGuild(guildIds: readonly Id[]): Id {
  const [only, ...others] = guildIds
  if (only === undefined)
    throw new Refusal(
      `The bot has seen no server yet, so --guild must say which one is meant, by its id. ${whereToCopy(['server'])}`,
    )
  if (others.length === 0) return only
  const first = guildIds.slice(0, GUILDS_SHOWN).join(', ')
  const rest = guildIds.length > GUILDS_SHOWN ? ` and ${guildIds.length - GUILDS_SHOWN} more` : ''
  throw new Refusal(`The bot has seen several servers; say with --guild which one is meant: ${first}${rest}.`)
}
