import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Action, Finding, Id, Invocation, Trigger } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Outcome, Run } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { type Carried, carryOut, type Mandate } from './act.ts'
import { knownGuild } from './facts.ts'
import { planSweep, type Survey } from './plan.ts'
import { memberKey, type Queue } from './queue.ts'
import type { World } from './world.ts'

// A run: one look at a whole guild, and then exactly its plan, member by member.

export interface AuditOrder {
  readonly guildId: Id
  readonly trigger: Trigger
  readonly action: Action
  readonly actor: Actor
  readonly mayDestroy: boolean
  readonly reason: string | null
  /** The same order that comes twice is one run. */
  readonly idempotencyKey: string
}

export interface Progress {
  readonly stage: 'reading' | 'planning' | 'acting'
  readonly done: number
  readonly total: number
}

/** Members of a plan that wait in the queue at once; the rest stay in the plan, so that a plan of any size needs little. */
const IN_HAND = 8
/** Members in a row with whom nothing came about; then the trouble is not theirs, and going on would only wear out Discord's patience. */
const MAX_FAILURES = 20
const OUT_OF_HAND = `Discord would not show or change ${MAX_FAILURES} members in a row, so the run was stopped. What was done until then is listed. Look at the bot's permissions and at Discord's status page, then run again.`
/** What a person reads when something broke that was nobody's to mend in Discord. */
const BROKEN =
  'Something went wrong on the bot’s own side. What was done until then is listed; the operator finds the cause in the log.'

export interface Halt {
  /** True from the moment the process was asked to end: the act in hand is finished, no other is begun. */
  readonly asked: boolean
}

/** Opens a run, plans it, and does what the plan says. A run that comes to harm is stored with the sentence that says why; only a `Refusal` is thrown. */
export async function audit(
  world: World,
  queue: Queue,
  order: AuditOrder,
  halt: Halt,
  onProgress: (progress: Progress) => void,
): Promise<Run> {
  mustBeFitToAct(world, order)
  const { run, repeated } = await world.book.openRun({ ...order, id: world.newId(), at: world.now() })
  if (repeated) return run
  try {
    await world.book.moveRun(order.guildId, run.id, 'running', world.now())
    onProgress({ stage: 'reading', done: 0, total: 1 })
    const survey = await planSweep(world, order.guildId, invocationOf(order))
    onProgress({ stage: 'planning', done: 1, total: 1 })
    await store(world, run.id, survey)
    return await follow(world, queue, run, order, survey, halt, onProgress)
  } catch (error) {
    return await endBadly(world, run, error)
  }
}

/** Acting on a roster that may be stale is how bots strip the innocent; a report may be made and says what it stood on. */
function mustBeFitToAct(world: World, order: AuditOrder): void {
  const { roster } = knownGuild(world, order.guildId)
  if (order.action === 'report' || roster.state === 'live') return
  throw new Refusal(
    `The member list is ${roster.state === 'suspect' ? 'being checked again' : 'still being read'}, and nobody loses a role on a list that may be old. Nothing was changed. Try again in a minute; \`/audit status\` shows when the list is live.`,
  )
}

function invocationOf({ trigger, action, mayDestroy }: AuditOrder): Invocation {
  return { trigger, action, mayDestroy, dayAffected: 0, dayKicks: 0, approved: null }
}

async function store(world: World, runId: string, { plan, settings, rosterState, ages }: Survey): Promise<void> {
  await world.book.storePlan({
    runId,
    guildId: plan.guildId,
    at: world.now(),
    policyDigest: world.settingsDigest(settings),
    planDigest: plan.digest,
    rosterState,
    truth: plan.identity,
    counts: plan.counts,
    blast: plan.blast,
    ages,
    findings: plan.findings,
    planned: plan.planned ?? null,
  })
}

async function follow(
  world: World,
  queue: Queue,
  run: Run,
  order: AuditOrder,
  { plan }: Survey,
  halt: Halt,
  onProgress: (progress: Progress) => void,
): Promise<Run> {
  if (plan.planned) {
    await world.book.moveRun(run.guildId, run.id, 'awaiting_approval', world.now())
    return reread(world, run)
  }
  const wanted = plan.findings.filter(({ effectiveAction }) => effectiveAction !== 'report')
  const tally = new Map<string, number>()
  const mandate: Mandate = {
    ...order,
    runId: run.id,
    invocation: invocationOf(order),
    reason: `rolecall run ${run.id}`,
  }
  await actOnAll(world, queue, mandate, wanted, halt, (carried) => {
    for (const outcome of outcomesOf(carried)) tally.set(outcome, (tally.get(outcome) ?? 0) + 1)
    onProgress({ stage: 'acting', done: tally.values().reduce((sum, n) => sum + n, 0), total: changesIn(wanted) })
  })
  return world.book.completeRun(run.guildId, run.id, Object.fromEntries(tally), world.now())
}

const changesIn = (findings: readonly Finding[]): number =>
  findings.reduce((sum, f) => sum + f.removeRoles.length + f.addRoles.length, 0)

/** Each deed by its outcome, and the member once more where they dropped out before their next deed. */
function outcomesOf({ deeds, outcome }: Carried): readonly (Outcome | 'changed')[] {
  const done = deeds.map((deed) => deed.outcome)
  return done.at(-1) === outcome ? done : [...done, outcome]
}

/** The process was asked to end in the middle of a plan. */
class Halted extends Error {
  override readonly name = 'Halted'
}

async function actOnAll(
  world: World,
  queue: Queue,
  mandate: Mandate,
  wanted: readonly Finding[],
  halt: Halt,
  onCarried: (carried: Carried) => void,
): Promise<void> {
  const rest = wanted.values()
  const broken: unknown[] = []
  let failures = 0
  const hand = async (): Promise<void> => {
    for (const planned of rest) {
      if (halt.asked) throw new Halted()
      await queue.add(memberKey(mandate.guildId, planned.memberId), 'command', async () => {
        const carried = await carryOut(world, mandate, planned)
        await world.book.noteOutcome(mandate.guildId, mandate.runId, planned.memberId, carried.outcome)
        failures = carried.outcome === 'failed' ? failures + 1 : 0
        onCarried(carried)
      })
      if (failures >= MAX_FAILURES) throw new Refusal(OUT_OF_HAND)
      if (broken.length > 0) return
    }
  }
  const hands = Array.from({ length: IN_HAND }, () => hand().catch((error: unknown) => broken.push(error)))
  await Promise.all(hands)
  if (broken.length > 0) throw broken[0]
}

/** Nothing half-known is called complete: the run ends `failed` before its first act was possible, `interrupted` after. */
async function endBadly(world: World, run: Run, error: unknown): Promise<Run> {
  const planned = (await world.book.run(run.guildId, run.id))?.planDigest != null
  const problem = sentenceFor(error)
  if (problem === BROKEN) world.notice('a run broke', { guild: run.guildId, run: run.id, error })
  await world.book.moveRun(run.guildId, run.id, planned ? 'interrupted' : 'failed', world.now(), problem)
  return reread(world, run)
}

function sentenceFor(error: unknown): string {
  if (error instanceof Halted)
    return 'The bot was asked to stop in the middle of this run. What was done until then is listed; a new run does the rest.'
  if (error instanceof DirectoryUnreachable || error instanceof Refusal) return error.message
  return BROKEN
}

async function reread(world: World, run: Run): Promise<Run> {
  return (await world.book.run(run.guildId, run.id)) ?? run
}
