import type { Finding, Id, Invocation } from '#src/core/model.ts'
import { restOf } from '#src/core/rest.ts'
import type { Run } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { Hand } from './act.ts'
import type { Leash } from './at-work.ts'
import type { Carried } from './carrying.ts'
import { inTurn } from './in-turn.ts'
import { failedKick, tryLater } from './kick-retries.ts'
import type { Lane } from './line.ts'
import { Workload } from './pace.ts'
import type { Queue } from './queue.ts'
import type { Tally } from './tally.ts'
import { Watch } from './watch.ts'
import type { World } from './world.ts'

// Carrying out exactly the plan that was stored: read page by page, so that a plan of any size needs little.

export interface Progress {
  readonly stage: 'reading' | 'planning' | 'acting'
  /** Members. */
  readonly done: number
  readonly total: number
  /** Milliseconds that the rest takes by the limits that Discord told; null where nothing is known of them. */
  readonly leftMs: number | null
}

export interface Following {
  readonly world: World
  readonly queue: Queue
  readonly run: Run
  /** On whose behalf: whoever asked for the run, or whoever lets it go on. */
  readonly actor: Actor
  readonly invocation: Invocation
  readonly lane: Lane
  /** The run goes on: of some members an earlier hand may have done a part. */
  readonly again: boolean
  readonly leash: Leash
  readonly tally: Tally
  readonly onProgress: (progress: Progress) => void
}

/** Members of a plan that wait in the queue at once. */
const IN_HAND = 8
/** Findings read at once. */
const PAGE = 200
/** Acts of one run on one member: a guild has at most 250 roles (Discord's limit), and there is a kick. */
const MOST_ACTS = 251

/**
 * Whether this is only how an act came out that was let go of where the run is to end, such as one that waited for a rate limit. Then the member is
 * left as one with whom something is still to be done: whoever goes on with the run looks anew.
 */
const isOpen = ({ outcome }: Carried): boolean => outcome === 'failed' || outcome === 'changed' || outcome === 'unknown'

/** An earlier hand did all of it, and was cut off before it could say so. */
const NOTHING_LEFT: Carried = { deeds: [], withheld: [], left: null, outcome: 'done', detail: null }

/** Does what the stored plan still has to do, and completes the run. Throws where it ends before that. */
export async function follow(following: Following): Promise<Run> {
  const { world, run, tally } = following
  const work = new Work(following)
  await work.measure()
  await work.doAll()
  return world.book.completeRun(run.guildId, run.id, await tally.outcomes(world, run), world.now())
}

class Work {
  readonly #following: Following
  readonly #hand: Hand
  readonly #workload: Workload
  readonly #watch = new Watch()
  #total = 0
  #done = 0

  constructor(following: Following) {
    const { world, run, actor, invocation, lane, leash } = following
    const { guildId, only } = run
    this.#following = following
    const reason = `rolecall run ${run.id}`
    const who = { guildId, runId: run.id, actor, invocation, only, reason, lane }
    this.#hand = new Hand(world, { ...who, decidedAt: run.startedAt }, leash)
    this.#workload = new Workload(world, guildId)
  }

  /** How much there is to do, so that it can be said how long it takes. */
  async measure(): Promise<void> {
    for await (const planned of this.#pending()) {
      this.#workload.add(planned)
      this.#total += 1
    }
    if (this.#total > 0) this.#tell()
  }

  async doAll(): Promise<void> {
    const { queue, run, lane, leash } = this.#following
    const rest = this.#pending()
    const broken: unknown[] = []
    const goOn = async (): Promise<void> => {
      for await (const planned of rest) {
        await inTurn(queue, { guildId: run.guildId, memberId: planned.memberId }, lane, leash, () =>
          this.#carryOut(planned),
        )
        if (broken.length > 0) return
        this.#watch.mustGoOn()
      }
    }
    const hands = Array.from({ length: IN_HAND }, () => goOn().catch((error: unknown) => void broken.push(error)))
    await Promise.all(hands)
    if (broken.length > 0) throw broken[0]
  }

  async *#pending(): AsyncGenerator<Finding, void> {
    const { world, run } = this.#following
    let after: Id | null = null
    for (;;) {
      const page: readonly Finding[] = await world.book.pendingFindings(run.guildId, run.id, after, PAGE)
      yield* page
      if (page.length < PAGE) return
      after = page[PAGE - 1]!.memberId
    }
  }

  async #carryOut(planned: Finding): Promise<void> {
    const { rest, begun } = await this.#restOf(planned)
    const done = rest.effectiveAction === 'report'
    const carried = done ? NOTHING_LEFT : await this.#hand.carryOut(rest, { begun })
    if (isOpen(carried)) this.#following.leash.mustGoOn()
    await this.#note(planned, carried)
    this.#workload.take(planned)
    this.#done += 1
    this.#tell()
  }

  /** Of a run that goes on, what was cut off in the middle of a member is done to its end. */
  async #restOf(planned: Finding): Promise<{ readonly rest: Finding; readonly begun: boolean }> {
    const { world, run, again } = this.#following
    if (!again) return { rest: planned, begun: false }
    const past = await world.book.pastActs(run.guildId, run.id, planned.memberId, null, MOST_ACTS)
    return { rest: restOf(planned, past), begun: past.length > 0 }
  }

  async #note({ memberId }: Finding, carried: Carried): Promise<void> {
    const { world, run, tally, leash } = this.#following
    const { guildId, id: runId } = run
    tally.add(carried)
    this.#watch.see(carried)
    const failed = failedKick(carried)
    if (failed) await tryLater(world, { guildId, memberId, runId, tries: 0 }, failed.detail, leash)
    await world.book.noteOutcome(guildId, runId, memberId, carried.outcome)
  }

  #tell(): void {
    const { leftMs } = this.#workload
    this.#following.onProgress({ stage: 'acting', done: this.#done, total: this.#total, leftMs })
  }
}
