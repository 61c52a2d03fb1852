import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Action, Finding, Id, Invocation, Trigger } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { type Carried, Hand } from './act.ts'
import { runsAtWork } from './at-work.ts'
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
  /** Members. */
  readonly done: number
  readonly total: number
}

export interface Halt {
  /** True from the moment the process was asked to end: the act in hand is finished, no other is begun. */
  readonly asked: boolean
}

/** Members of a plan that wait in the queue at once; the rest stay in the plan, so that a plan of any size needs little. */
const IN_HAND = 8
/** Members in a row with whom nothing came about; then the trouble is not theirs, and going on would only wear out Discord's patience. */
const MAX_FAILURES = 20
/** Refusals in a row: a permission or a rank is missing, and each further one counts towards Discord's ban of the address. */
const MAX_REFUSALS = 5
const OUT_OF_HAND = `Discord would not show or change ${MAX_FAILURES} members in a row, so the run was stopped. Look at Discord’s status page and at \`/audit status\`, then run again.`
/** What a person reads when something broke that was nobody's to mend in Discord. */
const BROKEN =
  'Something went wrong on the bot’s own side. The operator finds the cause in the log; a new run does the rest.'

/** Opens a run, plans it, and does what the plan says. A run that comes to harm is stored with the sentence that says why; only a `Refusal` is thrown. */
export async function audit(
  world: World,
  queue: Queue,
  order: AuditOrder,
  halt: Halt,
  onProgress: (progress: Progress) => void,
): Promise<Run> {
  await mustBeFitToAct(world, order)
  const alive = runsAtWork(world)
  const { run, repeated } = await world.book.openRun({ ...order, id: world.newId(), at: world.now() }, alive)
  if (repeated) return run
  alive.add(run.id)
  const tally: Tally = new Map()
  try {
    await world.book.moveRun(order.guildId, run.id, 'running', world.now())
    onProgress({ stage: 'reading', done: 0, total: 1 })
    const survey = await planSweep(world, order.guildId, invocationOf(order))
    onProgress({ stage: 'planning', done: 1, total: 1 })
    await store(world, run.id, survey)
    return await follow({ world, queue, run, order, halt, tally, onProgress }, survey)
  } catch (error) {
    return await endBadly(world, run, tally, error)
  } finally {
    alive.delete(run.id)
  }
}

type Tally = Map<string, number>

interface Work {
  readonly world: World
  readonly queue: Queue
  readonly run: Run
  readonly order: AuditOrder
  readonly halt: Halt
  /** Role changes by outcome, as they come. */
  readonly tally: Tally
  readonly onProgress: (progress: Progress) => void
}

/** Acting on a list that may be stale, or on a source that nobody has looked at, is how bots strip the innocent. */
async function mustBeFitToAct(world: World, { guildId, action }: AuditOrder): Promise<void> {
  const { roster } = knownGuild(world, guildId)
  if (roster.state === 'cold' || roster.state === 'syncing') throw new Refusal(notYet('still being read'))
  if (action === 'report') return
  if (roster.state !== 'live') throw new Refusal(notYet('being checked again'))
  const { source } = world.directory(guildId)
  if (await world.book.baseline(guildId, source, world.now())) return
  throw new Refusal(
    `Nobody has looked at the identity source \`${source}\` in this server yet, so it cannot be told whether it is whole. Nothing was changed. Make a report first with \`/audit run\`, and read it.`,
  )
}

const notYet = (what: string): string =>
  `The member list is ${what}, and nobody is judged by a list that may be old. Nothing was changed. Try again in a minute; \`/audit status\` shows when the list is live.`

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

async function follow(work: Work, { plan }: Survey): Promise<Run> {
  const { world, run, order, tally } = work
  if (plan.planned) {
    await world.book.moveRun(run.guildId, run.id, 'awaiting_approval', world.now())
    return reread(world, run)
  }
  const wanted = plan.findings.filter(({ effectiveAction }) => effectiveAction !== 'report')
  const hand = new Hand(world, {
    ...order,
    runId: run.id,
    invocation: invocationOf(order),
    reason: `rolecall run ${run.id}`,
  })
  await actOnAll(work, hand, wanted)
  return world.book.completeRun(run.guildId, run.id, Object.fromEntries(tally), world.now())
}

/** The process was asked to end in the middle of a plan. */
class Halted extends Error {
  override readonly name = 'Halted'
}

async function actOnAll(work: Work, hand: Hand, wanted: readonly Finding[]): Promise<void> {
  const { world, queue, run, halt } = work
  const rest = wanted.values()
  const broken: unknown[] = []
  const watch = new Watch()
  let done = 0
  const goOn = async (): Promise<void> => {
    for (const planned of rest) {
      if (halt.asked) throw new Halted()
      await queue.add(memberKey(run.guildId, planned.memberId), 'command', async () => {
        const carried = await hand.carryOut(planned)
        count(work.tally, carried)
        await world.book.noteOutcome(run.guildId, run.id, planned.memberId, carried.outcome)
        watch.see(carried)
        done += 1
        work.onProgress({ stage: 'acting', done, total: wanted.length })
      })
      if (broken.length > 0) return
      watch.mustGoOn()
    }
  }
  const hands = Array.from({ length: IN_HAND }, () => goOn().catch((error: unknown) => broken.push(error)))
  await Promise.all(hands)
  if (broken.length > 0) throw broken[0]
}

/** Each deed by its outcome, and the member once more where they dropped out before their next deed. */
function count(tally: Tally, { deeds, outcome }: Carried): void {
  const done = deeds.map((deed) => deed.outcome)
  for (const one of done.at(-1) === outcome ? done : [...done, outcome]) tally.set(one, (tally.get(one) ?? 0) + 1)
}

/** Ends a run that gets nowhere: what is refused or fails for everybody is not the members' trouble. */
class Watch {
  #failures = 0
  #refusals = 0
  #detail: string | null = null

  see({ outcome, detail }: Carried): void {
    this.#failures = outcome === 'failed' || outcome === 'unknown' ? this.#failures + 1 : 0
    this.#refusals = outcome === 'refused' ? this.#refusals + 1 : 0
    this.#detail = detail ?? this.#detail
  }

  mustGoOn(): void {
    if (this.#failures >= MAX_FAILURES) throw new Refusal(OUT_OF_HAND)
    if (this.#refusals < MAX_REFUSALS) return
    throw new Refusal(
      `Discord refused ${this.#refusals} changes in a row, so the run was stopped. ${this.#detail ?? ''}`.trim(),
    )
  }
}

/** Nothing half-known is called complete: the run ends `failed` before its first act was possible, `interrupted` after. */
async function endBadly(world: World, run: Run, tally: Tally, error: unknown): Promise<Run> {
  const problem = sentenceFor(error)
  if (problem === BROKEN) world.notice('a run broke', { guild: run.guildId, run: run.id, error })
  const { state, planDigest } = await reread(world, run)
  // Somebody else may have ended it meanwhile; then their word stands.
  if (state === 'pending' || state === 'running') {
    const more = { problem, outcomes: Object.fromEntries(tally) }
    await world.book.moveRun(run.guildId, run.id, planDigest === null ? 'failed' : 'interrupted', world.now(), more)
  }
  return reread(world, run)
}

function sentenceFor(error: unknown): string {
  if (error instanceof Halted) return 'The bot was asked to stop in the middle of this run; a new run does the rest.'
  if (error instanceof DirectoryUnreachable || error instanceof Refusal) return error.message
  return BROKEN
}

async function reread(world: World, run: Run): Promise<Run> {
  return (await world.book.run(run.guildId, run.id)) ?? run
}
