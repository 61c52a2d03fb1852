import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import { type Halt, refuseWhatWasStopped, sinceNow } from './at-work.ts'
import { mustBeSound } from './fitness.ts'
import type { Progress } from './follow.ts'
import { goOn, isTooOld, type LetOn, unarmedOf } from './go-on.ts'
import { knownRun, lackOf, standingOf } from './invoking.ts'
import type { Queue } from './queue.ts'
import type { World } from './world.ts'

// What becomes of a run that was cut off: it goes on, or it is given up.

/**
 * Goes on with an interrupted run's own plan: nobody else is looked for. Throws `Refusal` where the run has none, is of another day, where whoever asks
 * may not do what it does, or where the guild cannot be judged soundly at this moment.
 */
export async function resume(
  world: World,
  queue: Queue,
  { guildId, runId, by }: LetOn,
  halt: Halt,
  onProgress: (progress: Progress) => void,
): Promise<Run> {
  refuseWhatWasStopped(by)
  const stoppedSince = sinceNow(world, by.stoppedSince)
  const run = await knownRun(world, guildId, runId)
  if (run.state !== 'interrupted') throw new Refusal(standingOf(run))
  const obstacle = whyNot(world, run) ?? lackOf(run.action, by) ?? (await unarmedOf(world, run))
  if (obstacle !== null) throw new Refusal(`Run ${run.id} cannot go on. ${obstacle} Nothing was changed.`)
  await mustBeSound(world, guildId)
  return goOn({ world, queue, run, by, halt, stoppedSince, onProgress })
}

function whyNot(world: World, run: Run): string | null {
  if (run.purpose === 'live') return 'It is the live acts of an hour: the next one opens another.'
  if (run.purpose === 'retry') return 'It was one try of a kick.'
  if (run.purpose === 'undo') return 'An undo is simply asked for again: `/undo` gives back what is still missing.'
  if (run.planDigest === null) return 'It has no plan to go on with. Make a new one with `/audit run`.'
  if (isTooOld(world, run)) return 'Its plan is more than a day old. Make a new one with `/audit run`.'
  return null
}

/** Gives up a run that waits or was interrupted; what it did stays done. */
export async function abandon(world: World, { guildId, runId, by }: LetOn): Promise<Run> {
  const run = await knownRun(world, guildId, runId)
  if (run.state !== 'interrupted' && run.state !== 'awaiting_approval') throw new Refusal(standingOf(run))
  await world.book.moveRun(guildId, runId, 'abandoned', world.now(), { actor: by.actor, cause: by.cause })
  return knownRun(world, guildId, runId)
}
