import { measureAgain } from '#src/core/blast.ts'
import type { Blast, Id, Invocation } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import { CutShort, type Halt, type Leash, layDown, runsAtWork, type StoppedSince, takeUp } from './at-work.ts'
import { holdForApproval } from './audit.ts'
import { reread, workOn } from './ending.ts'
import { follow, type Progress } from './follow.ts'
import { type By, invocationOf, mayDestroy, standingOf } from './invoking.ts'
import type { Queue } from './queue.ts'
import { Tally } from './tally.ts'
import type { World } from './world.ts'

// Carrying out a plan that was stored before: of a run that was cut off, or of one that a human has approved.

/** How old a plan may be that is still carried out. Each member is looked at again, but a guild of yesterday is nobody's plan for today. */
const PLAN_MS = 24 * 3_600_000

export const isTooOld = (world: World, { startedAt }: Run): boolean => world.now() - startedAt > PLAN_MS

/** A run that somebody lets go on. */
export interface LetOn {
  readonly guildId: Id
  readonly runId: string
  readonly by: By
}

export interface GoingOn {
  readonly world: World
  readonly queue: Queue
  readonly run: Run
  readonly by: By
  readonly halt: Halt
  readonly stoppedSince: StoppedSince
  readonly onProgress: (progress: Progress) => void
}

/** The run goes on with its own plan and invocation, under a new deadline and the permissions of whoever lets it. Throws `Refusal` where it may not begin. */
export async function goOn(going: GoingOn): Promise<Run> {
  const { world, run, by } = going
  const leash = await begin(going)
  const tally = new Tally()
  return workOn(world, run, leash, tally, async () => {
    await tally.takeUp(world, run)
    const invocation = await invocationOf(world, { ...run, mayDestroy: run.mayDestroy && mayDestroy(run.action, by) })
    const blast = await heldAgain(world, run, invocation)
    if (blast) return holdForApproval(world, run, blast)
    return follow({ ...going, actor: by.actor, invocation, lane: 'command', again: true, leash, tally })
  })
}

/** It is known to be at work before the row says so: nobody is to take it for one that was left behind. */
async function begin({ world, run, by: { actor, cause }, halt, stoppedSince }: GoingOn): Promise<Leash> {
  if (runsAtWork(world).has(run.id)) throw new Refusal(standingOf({ ...run, state: 'running' }))
  const leash = takeUp(world, run, halt, stoppedSince)
  try {
    if (leash.isStopped) leash.mustGoOn()
    const now = world.now()
    await world.book.moveRun(run.guildId, run.id, 'running', now, { deadlineAt: now + world.deadlineMs, actor, cause })
    return leash
  } catch (error) {
    layDown(world, run.id)
    if (error instanceof CutShort) throw new Refusal(`Run ${run.id} was not begun. ${error.message}`)
    // Somebody else was first: what they made of it is the answer.
    const stored = await reread(world, run)
    throw stored.state === run.state ? error : new Refusal(standingOf(stored))
  }
}

/** What nobody asked for acts only while its trigger is armed; to let it go on now would only use up its plan. Null where it may. */
export async function unarmedOf(world: World, { guildId, trigger }: Run): Promise<string | null> {
  if (trigger !== 'schedule' && trigger !== 'realtime') return null
  if ((await world.book.settings(guildId)).armed[trigger]) return null
  return `It came about by itself, and such runs act only while ${trigger} is armed, which it is not now. An Administrator arms it with \`/arm ${trigger}\`; or make a run of your own with \`/audit run\`.`
}

/**
 * The blast radius is asked again: limits, and what else was done in a day, may have changed since the plan was made. What it comes to where it closes;
 * null where it is open, and where a human approved the plan.
 */
export async function heldAgain(world: World, run: Run, invocation: Invocation): Promise<Blast | null> {
  const { guildId, blast, planDigest } = run
  if (!blast) return null
  const now = measureAgain(blast, await world.book.settings(guildId), invocation)
  if (!now.over) return null
  const approval = planDigest && (await world.book.approval(guildId, planDigest, world.now()))
  return approval ? null : now
}
