import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Actor } from '#src/core/trail.ts'
import type { Append } from '#src/identity/import.ts'
import { shown } from '#src/identity/words.ts'
import { StoreFault, toFault } from '#src/store/fault.ts'
import type { Db } from '#src/store/handle.ts'

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
export function chooseGuild(named: string | undefined, { guildIds, err }: ConsoleWorld): Id {
  if (named === undefined) return onlyGuild(guildIds)
  if (!/^[1-9]\d{0,19}$/.test(named))
    throw new Refusal(`--guild ${shown(named)} is not a guild's id. An id is a number, such as 81384788765712384.`)
  if (guildIds.length > 0 && !guildIds.includes(named))
    err(`Note: the bot has not seen guild ${named} yet. This takes effect there once it joins.`)
  return named
}

/** Runs a command and says in one sentence, for exit code 2, what the operator can mend; everything else is thrown on. */
export async function endingWithSentence(world: ConsoleWorld, command: () => Promise<number>): Promise<number> {
  try {
    return await command()
  } catch (error) {
    const fault = toFault(error)
    if (!(fault instanceof Refusal || fault instanceof StoreFault)) throw fault
    world.err(fault.message)
    return MENDABLE
  }
}

function onlyGuild(guildIds: readonly Id[]): Id {
  const [only, ...others] = guildIds
  if (only === undefined)
    throw new Refusal(
      "The bot has seen no guild yet, so --guild ID must say which one is meant: its server's id in Discord.",
    )
  if (others.length === 0) return only
  const first = guildIds.slice(0, GUILDS_SHOWN).join(', ')
  const rest = guildIds.length > GUILDS_SHOWN ? ` and ${guildIds.length - GUILDS_SHOWN} more` : ''
  throw new Refusal(`There are several guilds; say with --guild ID which one is meant: ${first}${rest}.`)
}
