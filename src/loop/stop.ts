import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { stopRuns } from './at-work.ts'
import type { By } from './invoking.ts'
import type { Book, World } from './world.ts'

// The one word that halts everything.

const HALF_DONE =
  'What this bot is at work on in this server ends at its next step. But the database did not take the stop: what is armed stays armed, and kicks that wait for another try stay due. Give `/stop` again until it says that it has stopped; the operator finds in the log what is wrong with the database.'

/**
 * Ends every run of the guild at its next step, disarms schedule and realtime, and lets go of the kicks that were to be tried again. Throws `Refusal`
 * where only the first of these came about.
 */
export async function stop(world: World, guildId: Id, by: By): ReturnType<Book['stop']> {
  // What this process is at work on ends at once, even where the database does not answer.
  stopRuns(world, guildId)
  const stopped = await writeDown(world, guildId, by)
  const { actor } = by
  const runs = stopped.runs.map(({ id, purpose }) => ({ id, purpose }))
  world.tell(guildId, { kind: 'stopped', actor, runs })
  return stopped
}

async function writeDown(world: World, guildId: Id, { actor, cause, reason }: By): ReturnType<Book['stop']> {
  try {
    return await world.book.stop(guildId, { actor, cause, reason, at: world.now() })
  } catch (error) {
    world.notice('a stop could not be written down', { guild: guildId, error })
    throw new Refusal(HALF_DONE)
  } finally {
    // What began while it was written down is in no list of what was under way: it ends all the same.
    stopRuns(world, guildId)
  }
}
