import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import { type Taken, Takings } from '#src/core/undo.ts'
import { type Halt, type Leash, refuseWhatWasStopped, sinceNow, takeUp } from './at-work.ts'
import { workOn } from './ending.ts'
import type { Progress } from './follow.ts'
import { type GivenBack, Giver } from './give-back.ts'
import { inTurn } from './in-turn.ts'
import { type By, knownRun, standingOf } from './invoking.ts'
import { takenAsLogged } from './logged.ts'
import { openRun } from './opening.ts'
import type { Queue } from './queue.ts'
import { Tally } from './tally.ts'
import type { World } from './world.ts'

// Undo: what a run took is given back, whatever the identity database says of it now.

export interface UndoRequest {
  readonly guildId: Id
  readonly runId: string
  /** Null: of everybody. */
  readonly memberId: Id | null
  readonly by: By
}

/** Give-backs of one undo, and what could not be given back, with why. */
export interface Undone extends Readonly<GivenBack> {
  readonly run: Run
}

/** Acts read at once. */
const PAGE = 500
const SECOND_MS = 1_000

/**
 * Gives back exactly the roles that a run took, and nothing else (to a member who is named, those too that it only may have taken); asks the identity source only whether what is given back would be taken again.
 * A second undo finds them held. Throws `Refusal` where whoever asks may not hand out roles, or the run is still at work.
 */
export async function undo(
  world: World,
  queue: Queue,
  request: UndoRequest,
  halt: Halt,
  onProgress: (progress: Progress) => void,
): Promise<Undone> {
  refuseWhatWasStopped(request.by)
  const stoppedSince = sinceNow(world, request.by.stoppedSince)
  const undoes = await undoable(world, request)
  const { run, repeated } = await open(world, request, undoes)
  const result: GivenBack = { given: 0, unsure: 0, alreadyHeld: 0, shielded: [], impossible: [] }
  if (repeated) return { ...result, run, given: run.outcomes.done ?? 0 }
  const tally = new Tally()
  const undoing = { world, queue, request, run, undoes, tally, result, onProgress }
  const ended = await workOn(world, run, takeUp(world, run, halt, stoppedSince), tally, (leash) => work(undoing, leash))
  return { ...result, run: ended }
}

async function undoable(world: World, { guildId, runId, by }: UndoRequest): Promise<Run> {
  if (!by.mayStrip)
    throw new Refusal(
      'Giving roles back needs the permission Manage Roles, and you do not have it. Nothing was changed.',
    )
  const run = await knownRun(world, guildId, runId)
  const underWay = run.state === 'pending' || run.state === 'running'
  // The live acts of an hour are one run: nobody is to wait for its end to have one of them undone.
  if (underWay && run.purpose !== 'live') throw new Refusal(standingOf(run))
  return run
}

function open(world: World, { guildId, memberId, by }: UndoRequest, { id }: Run) {
  const at = world.now()
  return openRun(world, {
    id: world.newId(),
    guildId,
    purpose: 'undo',
    cause: `run:${id}`,
    only: { memberId, roleId: null },
    deadlineAt: at + world.deadlineMs,
    trigger: by.actor.startsWith('cli:') ? 'cli' : 'slash',
    // It takes nothing from anybody.
    action: 'report',
    actor: by.actor,
    mayDestroy: by.mayStrip,
    reason: by.reason,
    idempotencyKey: by.cause,
    at,
  })
}

interface Undoing {
  readonly world: World
  readonly queue: Queue
  readonly request: UndoRequest
  readonly run: Run
  readonly undoes: Run
  readonly tally: Tally
  readonly result: GivenBack
  readonly onProgress: (progress: Progress) => void
}

async function work(undoing: Undoing, leash: Leash): Promise<Run> {
  const { world, queue, request, run, undoes, tally, result, onProgress } = undoing
  const { guildId, by } = request
  await world.book.moveRun(guildId, run.id, 'running', world.now())
  // Whoever is not to lose their roles is not to be kicked by the same run either.
  await world.book.dropRetriesOf(guildId, undoes.id, request.memberId)
  const isNamed = request.memberId !== null
  const giver = new Giver(
    { world, run, undoes, by, isNamed, quarantines: await world.book.quarantines(guildId), leash },
    result,
  )
  const taken = await takenForSure(undoing)
  let roles = taken.reduce((sum, { roleIds }) => sum + roleIds.length, 0)
  for (const [done, one] of taken.entries()) {
    const leftMs = (roles / world.enforcer.pace(guildId, 'add_role')) * SECOND_MS
    onProgress({ stage: 'acting', done, total: taken.length, leftMs: Number.isFinite(leftMs) ? leftMs : null })
    await inTurn(queue, { guildId, memberId: one.memberId }, 'command', leash, () => giver.giveBack(one))
    roles -= one.roleIds.length
  }
  return world.book.completeRun(guildId, run.id, await tally.outcomes(world, run), world.now())
}

/** Of acts of which nobody saw what came, the audit log is asked: what it shows as the bot's own act is as sure as what was seen. */
async function takenForSure(undoing: Undoing): Promise<readonly Taken[]> {
  const taken = await takenBy(undoing)
  const unsure = taken.flatMap((one) => [...one.unsure.values()].flat())
  const logged = await takenAsLogged(undoing.world, undoing.request.guildId, unsure)
  const isOpen = ([roleId, intentIds]: readonly [Id, readonly string[]]) =>
    !intentIds.some((id) => logged.get(id)?.includes(roleId))
  return taken.map((one) => ({ ...one, unsure: new Map([...one.unsure].filter(isOpen)) }))
}

async function takenBy({ world, request: { guildId, memberId }, undoes }: Undoing): Promise<readonly Taken[]> {
  const takings = new Takings()
  let after: string | null = null
  for (;;) {
    const page = await world.book.pastActs(guildId, undoes.id, memberId, after, PAGE)
    for (const act of page) takings.add(act)
    if (page.length < PAGE) return takings.result()
    after = page[PAGE - 1]!.intentId
  }
}
