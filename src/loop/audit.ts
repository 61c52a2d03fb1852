import { isAtStake } from '#src/core/at-stake.ts'
import type { Action, Blast, Id, Trigger } from '#src/core/model.ts'
import type { Only, Purpose, Run } from '#src/core/run.ts'
import { isUnattended } from '#src/core/scope.ts'
import type { Actor } from '#src/core/trail.ts'
import { type Halt, type Leash, refuseWhatWasStopped, sinceNow, takeUp } from './at-work.ts'
import { reread, workOn } from './ending.ts'
import { mustBeFitToAct, mustBeMember, mustBeRole } from './fitness.ts'
import { follow, type Progress } from './follow.ts'
import { invocationOf } from './invoking.ts'
import type { Lane } from './line.ts'
import { openRun } from './opening.ts'
import { planSweep, type Survey } from './plan.ts'
import { overtaken, planInOrder } from './planning.ts'
import type { Queue } from './queue.ts'
import { Tally } from './tally.ts'
import type { World } from './world.ts'

// A run: one look at a whole guild, and then exactly its plan, member by member.

export type { Halt } from './at-work.ts'
export type { Progress } from './follow.ts'

export interface AuditOrder {
  readonly guildId: Id
  readonly purpose: Extract<Purpose, 'audit' | 'group'>
  /** What set it off, where that was neither a person nor the clock. */
  readonly cause: string | null
  readonly only: Only
  readonly trigger: Trigger
  readonly action: Action
  readonly actor: Actor
  readonly mayDestroy: boolean
  readonly reason: string | null
  /** What somebody asked for goes before what the clock did. */
  readonly lane: Lane
  /** The same order that comes twice is one run. */
  readonly idempotencyKey: string
  /** True once somebody stopped the server since this was asked for. Left out where nobody has waited, since nobody asked. */
  readonly stoppedSince?: () => boolean
}

/** Opens a run, plans it, and does what the plan says. A run that comes to harm is stored with the sentence that says why; only a `Refusal` is thrown. */
export async function audit(
  world: World,
  queue: Queue,
  order: AuditOrder,
  halt: Halt,
  onProgress: (progress: Progress) => void,
): Promise<Run> {
  const { lane, stoppedSince: asked = () => false, ...rest } = order
  refuseWhatWasStopped({ stoppedSince: asked })
  const stoppedSince = sinceNow(world, asked)
  await mustBeFitToAct(world, order.guildId, order.action)
  const { guildId, only } = order
  if (order.purpose === 'audit' && only.roleId !== null) mustBeRole(world, guildId, only.roleId)
  if (order.purpose === 'audit' && only.memberId !== null) await mustBeMember(world, guildId, only.memberId)
  const now = world.now()
  const wanted = { ...rest, id: world.newId(), at: now, deadlineAt: now + world.deadlineMs }
  const { run, repeated } = await openRun(world, wanted)
  if (repeated) return run
  const tally = new Tally()
  const look = new Look({ world, queue, run, lane, tally, onProgress })
  const ended = await workOn(world, run, takeUp(world, run, halt, stoppedSince), tally, (leash) => look.carryOut(leash))
  tellOfTheEnd(world, ended, look.atStake)
  return ended
}

interface LookParts {
  readonly world: World
  readonly queue: Queue
  readonly run: Run
  readonly lane: Lane
  readonly tally: Tally
  readonly onProgress: (progress: Progress) => void
}

/** All of it is read at once, and judged at once. */
const UNCOUNTED = { done: 0, total: 0, leftMs: null }

class Look {
  readonly #parts: LookParts
  /** Members whose finding somebody should read of. */
  atStake = 0

  constructor(parts: LookParts) {
    this.#parts = parts
  }

  async carryOut(leash: Leash): Promise<Run> {
    const { world, run, onProgress } = this.#parts
    await world.book.moveRun(run.guildId, run.id, 'running', world.now())
    onProgress({ stage: 'reading', ...UNCOUNTED })
    const { invocation, blast } = await planInOrder(world, run, () => this.#plan())
    onProgress({ stage: 'planning', ...UNCOUNTED })
    if (blast) return holdForApproval(world, run, blast)
    await this.#endContest()
    return follow({ ...this.#parts, actor: run.actor, invocation, again: false, leash })
  }

  /** A person who names a member has decided about them, also where there is nothing left to be done. */
  async #endContest(): Promise<void> {
    const { world, run } = this.#parts
    const { guildId, only, action, mayDestroy, actor } = run
    if (only.memberId === null || action === 'report' || !mayDestroy || isUnattended(run)) return
    await world.book.endContest(guildId, only.memberId, { actor, at: world.now() })
  }

  async #plan() {
    const { world, run } = this.#parts
    const invocation = await invocationOf(world, run)
    return { invocation, blast: await this.#store(await planSweep(world, run.guildId, invocation, run.only)) }
  }

  /** Stores the plan, and lets go of it: what is carried out is what was stored. Returns what it would come to where that is more than it may. */
  async #store({ plan, settings, truth, rosterState, ages }: Survey): Promise<Blast | null> {
    const { world, run } = this.#parts
    this.atStake = plan.findings.filter(isAtStake).length
    await world.book.storePlan({
      runId: run.id,
      guildId: plan.guildId,
      at: world.now(),
      policyDigest: world.settingsDigest(settings),
      planDigest: plan.digest,
      rosterState,
      truth,
      counts: plan.counts,
      blast: plan.blast,
      ages,
      findings: plan.findings,
      planned: plan.planned ?? null,
    })
    return plan.planned ? plan.blast : overtaken(world, run, plan.blast, settings)
  }
}

/** The plan is kept as it is, and a human is asked for it by its digest. */
export async function holdForApproval(world: World, run: Run, blast: Blast): Promise<Run> {
  await world.book.holdRun(run.guildId, run.id, blast, world.now())
  const held = await reread(world, run)
  if (held.planDigest) world.tell(run.guildId, { kind: 'plan_waits', run: held, blast, digest: held.planDigest })
  return held
}

/** Where nobody asked, somebody should hear of it: of a scheduled look always, of what a cause set off where it came to something. */
function tellOfTheEnd(world: World, run: Run, atStake: number): void {
  if (!isUnattended(run) || run.state === 'awaiting_approval') return
  // The review of a cause that failed is tried again, and told of where that is given up.
  if (run.purpose === 'group' && run.state === 'failed') return
  const cameToSomething = run.state !== 'completed' || Object.keys(run.outcomes).length > 0
  if (run.trigger === 'schedule' || cameToSomething)
    world.tell(run.guildId, { kind: 'run_ended', run, atStake, grantors: [] })
}
