import type { Id } from '#src/core/model.ts'
import { stopRuns } from './at-work.ts'
import type { By } from './invoking.ts'
import type { Book, World } from './world.ts'

// The one word that halts everything.

/** Ends every run of the guild at its next step, disarms schedule and realtime, and lets go of the kicks that were to be tried again. */
export async function stop(world: World, guildId: Id, { actor, cause }: By): ReturnType<Book['stop']> {
  // What this process is at work on ends at once, even where the database does not answer.
  stopRuns(world, guildId)
  const stopped = await world.book.stop(guildId, { actor, cause, at: world.now() })
  const runs = stopped.runs.map(({ id, purpose }) => ({ id, purpose }))
  world.tell(guildId, { kind: 'stopped', actor, runs })
  return stopped
}
