import type { Id } from '#src/core/model.ts'
import { stopRuns } from './at-work.ts'
import type { By } from './invoking.ts'
import { LONGEST_COOLDOWN_MS } from './kick-retries.ts'
import type { Book, World } from './world.ts'

// The one word that halts everything.

/** Kicks that wait to be tried again, in all guilds, that one stop looks through; there are a handful. */
const MOST_RETRIES = 10_000

/** Ends every run of the guild at its next step, disarms schedule and realtime, and lets go of the kicks that were to be tried again. */
export async function stop(world: World, guildId: Id, { actor, cause }: By): ReturnType<Book['stop']> {
  // What this process is at work on ends at once, even where the database does not answer.
  stopRuns(world, guildId)
  const stopped = await world.book.stop(guildId, { actor, cause, at: world.now() })
  await forgetRetries(world, guildId)
  const runs = stopped.runs.map(({ id, purpose }) => ({ id, purpose }))
  world.tell(guildId, { kind: 'stopped', actor, runs })
  return stopped
}

async function forgetRetries(world: World, guildId: Id): Promise<void> {
  const waiting = await world.book.dueRetries(world.now() + LONGEST_COOLDOWN_MS, MOST_RETRIES)
  for (const retry of waiting) if (retry.guildId === guildId) await world.book.dropRetry(guildId, retry.memberId)
}
