import { isSameFinding } from '#src/core/alike.ts'
import { isAtStake } from '#src/core/at-stake.ts'
import type { Counts, Finding, Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Run, StoredFinding } from '#src/core/run.ts'
import { invocationOf, knownRun } from './invoking.ts'
import { planOf, readWhole } from './plan.ts'
import type { World } from './world.ts'

// A run's findings then, beside what a look comes to now.

/** Only findings that a person should read of; the counts are of everybody. The first hundred of each, with the totals beside them. */
export interface RunDiff {
  readonly run: Run
  readonly counts: { readonly then: Counts; readonly now: Counts }
  readonly appeared: readonly StoredFinding[]
  readonly vanished: readonly StoredFinding[]
  readonly changed: readonly { readonly then: StoredFinding; readonly now: StoredFinding }[]
  readonly totals: {
    readonly appeared: number
    readonly vanished: number
    readonly changed: number
    readonly same: number
  }
}

const MOST_SHOWN = 100
/** Findings read at once. */
const PAGE = 1_000

/** Looks with the run's own invocation, as narrowly as it did, and stores nothing. Throws `Refusal` where the run never had findings, and `DirectoryUnreachable`. */
export async function diff(world: World, guildId: Id, runId: string): Promise<RunDiff> {
  const run = await knownRun(world, guildId, runId)
  const { counts } = run
  if (!counts)
    throw new Refusal(
      `Run ${run.id} has no findings to compare with: it never looked at the server. Nothing was changed.`,
    )
  const whole = await readWhole(world, guildId)
  const { settings } = whole
  const plan = await planOf(world, whole, { invocation: await invocationOf(world, run), only: run.only, settings })
  const now = new Map(plan.findings.filter(isAtStake).map((finding) => [finding.memberId, finding]))
  const comparison = new Comparison(now)
  for await (const then of findingsOf(world, run)) comparison.add(then)
  // biome-ignore lint/suspicious/noThenProperty: it holds counts and findings, never a function.
  return { run, counts: { then: counts, now: plan.counts }, ...comparison.result() }
}

async function* findingsOf(world: World, { guildId, id }: Run): AsyncGenerator<StoredFinding> {
  for (let offset = 0; ; offset += PAGE) {
    const page = { category: null, atStake: true, offset, limit: PAGE }
    const { findings } = await world.book.findingsPage(guildId, id, page)
    yield* findings
    if (findings.length < PAGE) return
  }
}

class Comparison {
  /** Of now, those that were not found then; each is taken out as it is met. */
  readonly #left: Map<Id, Finding>
  readonly #vanished: StoredFinding[] = []
  readonly #changed: { readonly then: StoredFinding; readonly now: StoredFinding }[] = []
  readonly #totals = { vanished: 0, changed: 0, same: 0 }

  constructor(now: Map<Id, Finding>) {
    this.#left = now
  }

  add(then: StoredFinding): void {
    const now = this.#left.get(then.memberId)
    this.#left.delete(then.memberId)
    if (!now) this.#keep('vanished', this.#vanished, then)
    else if (isSameFinding(then, now)) this.#totals.same += 1
    else this.#keep('changed', this.#changed, { then, now: { ...now, outcome: null } })
  }

  result(): Pick<RunDiff, 'appeared' | 'vanished' | 'changed' | 'totals'> {
    const appeared = [...this.#left.values()]
    return {
      appeared: appeared.slice(0, MOST_SHOWN).map((finding) => ({ ...finding, outcome: null })),
      vanished: this.#vanished,
      changed: this.#changed,
      totals: { ...this.#totals, appeared: appeared.length },
    }
  }

  #keep<T>(what: 'vanished' | 'changed', list: T[], one: T): void {
    this.#totals[what] += 1
    if (list.length < MOST_SHOWN) list.push(one)
  }
}
