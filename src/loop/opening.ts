import { Refusal } from '#src/core/refusal.ts'
import type { NewRun } from '#src/core/run.ts'
import { TermOver } from '#src/core/term.ts'
import { runsAtWork } from './at-work.ts'
import { ANOTHER_ACTS } from './deed.ts'
import type { Book, World } from './world.ts'

/** Opens a run that somebody asked for. Throws `Refusal` where one is under way that it would get in the way of, or where another bot acts by now. */
export async function openRun(world: World, run: NewRun): ReturnType<Book['openRun']> {
  try {
    return await world.book.openRun(run, runsAtWork(world))
  } catch (error) {
    throw error instanceof TermOver ? new Refusal(ANOTHER_ACTS) : error
  }
}
