import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import { type Halt, refuseWhatWasStopped, sinceNow } from './at-work.ts'
import { mustBeSound } from './fitness.ts'
import type { Progress } from './follow.ts'
import { goOn, isTooOld, type LetOn, unarmedOf } from './go-on.ts'
import { knownRun, lackOf, standingOf } from './invoking.ts'
import type { Queue } from './queue.ts'
import type { World } from './world.ts'

// A plan that is larger than the blast radius: a human reads it, and names it by its digest.

/** How long an approval holds (docs/semantics.md, blast radius). */
const APPROVED_MS = 24 * 3_600_000

/**
 * Lets the run that waits do exactly the plan of this digest, and does it at once. It lifts the one gate: each member is looked at again, and every other
 * gate is asked as for the run that made the plan. Throws `Refusal` where the plan is another one, too old, or more than whoever approves may do.
 */
export async function acknowledgePlan(
  world: World,
  queue: Queue,
  { guildId, runId, digest, by }: LetOn & { readonly digest: string },
  halt: Halt,
  onProgress: (progress: Progress) => void,
): Promise<Run> {
  refuseWhatWasStopped(by)
  const stoppedSince = sinceNow(world, by.stoppedSince)
  const run = await knownRun(world, guildId, runId)
  if (run.state !== 'awaiting_approval') throw new Refusal(standingOf(run))
  const obstacle = whyNot(world, run, digest) ?? lackOf(run.action, by) ?? (await unarmedOf(world, run))
  if (obstacle !== null)
    throw new Refusal(`The plan of run ${run.id} was not approved. ${obstacle} Nothing was changed.`)
  await mustBeSound(world, guildId)
  const at = world.now()
  const { actor, cause, reason } = by
  await world.book.approve(guildId, { runId, digest, actor, cause, reason, at, expiresAt: at + APPROVED_MS })
  return goOn({ world, queue, run, by, halt, stoppedSince, onProgress })
}

function whyNot(world: World, run: Run, digest: string): string | null {
  if (run.planDigest !== digest)
    return 'It is not the plan that was named: look at it once more with `/acknowledge plan`, and approve that.'
  if (isTooOld(world, run))
    return 'It is more than a day old, and the server has moved on. Make a new one with `/audit run`.'
  return null
}
