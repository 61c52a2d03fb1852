import { setTimeout as after } from 'node:timers/promises'
import type { Config } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { StoreFault, toFault } from '#src/store/fault.ts'
import type { Db } from '#src/store/handle.ts'
import { FolderTaken } from '#src/store/lock.ts'
import { findTerm } from '#src/store/term.ts'
import { type OpenWorld, withStore } from './open.ts'
import { byOrder } from './order-road.ts'
import type { Ask, Watch } from './road.ts'
import { chooseGuild } from './world.ts'

/** A bot that acts says so every few seconds; one that was silent for longer than this has ended, or may no longer act. */
const SILENT_MS = 10_000

const NO_TOKEN =
  'No bot is at work on this database, so one must be started for this command, and there is no DISCORD_TOKEN to connect it with. Start the bot (`npm start`), or put its token into the environment or into .env.'

/**
 * Finds a bot that carries commands out, and asks it: the one that is alive on the database, or else one of its own for the time of `travel`.
 * Throws `Refusal` and `StoreFault` with a sentence that says what to do.
 */
export async function askingBot<T>(
  config: Config,
  guild: string | undefined,
  watch: Watch,
  travel: (ask: Ask) => Promise<T>,
): Promise<T> {
  const found = await opened(config, async (world) => {
    const guildId = chooseGuild(guild, world)
    const isLed = config.databaseUrl !== null && (await livingTerm(world.db)) !== null
    return isLed ? { value: await travel(byOrders(guildId, watch, world)) } : { guildId, actor: world.actor }
  })
  if ('value' in found) return found.value
  const { token } = config
  if (token === null) throw new Refusal(NO_TOKEN)
  const { withOwnBot } = await import('./own-bot.ts')
  return await withOwnBot({ ...config, token }, found, watch, travel)
}

/** On the embedded engine the data folder is one process's alone: where that is the bot, nothing can be asked of it from here. */
async function opened<T>(config: Config, command: (world: OpenWorld) => Promise<T>): Promise<T> {
  try {
    return await withStore(config, command)
  } catch (error) {
    if (!(error instanceof FolderTaken)) throw error
    throw new StoreFault(
      `${error.message} If the other one is the bot: give this command in Discord, or stop the bot first.`,
    )
  }
}

const byOrders =
  (guildId: Id, watch: Watch, { book, db, actor, now }: OpenWorld): Ask =>
  (errand) =>
    byOrder({ ...errand, guildId, actor }, watch, {
      book,
      now,
      livingTerm: () => livingTerm(db),
      newId: () => crypto.randomUUID(),
      pause: (milliseconds, signal) => after(milliseconds, undefined, { signal }).catch(() => {}),
    })

/** The number of the term under which a bot acts at present; null where none is alive. */
async function livingTerm(db: Db): Promise<number | null> {
  try {
    const now = await findTerm(db)
    return now?.held && now.silentMs <= SILENT_MS ? now.term : null
  } catch (error) {
    throw toFault(error)
  }
}
