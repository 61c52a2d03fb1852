import type { Baseline, Vitals } from '#src/core/directory.ts'
import type { Accepted } from '#src/core/losses.ts'
import type { Blast, Finding, Id, Identity } from '#src/core/model.ts'
import type { PeopleColumns } from '#src/core/people.ts'
import type { RoleChangeEntry } from '#src/core/role-history.ts'
import type {
  Act,
  Approval,
  Intent,
  IntentContext,
  NewRun,
  Outcome,
  PastAct,
  Run,
  RunState,
  StoredFinding,
  StoredPlan,
} from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import { acceptedPeople, findAccepted, keepAccepted } from './accepted-people.ts'
import { approve, findApproval, type NewApproval } from './approvals.ts'
import { countAtStake, type FindingsPage, findingsPage, noteOutcome, storePlan } from './findings.ts'
import { holdRun } from './holding.ts'
import { intend, mustGoOn, openIntents, settle } from './intents.ts'
import {
  closeInvocation,
  type InvocationEnd,
  type NewInvocation,
  openInvocation,
  type Quota,
  quota,
} from './invocations.ts'
import type { Change } from './ledger.ts'
import { closeLiveRuns } from './live-runs.ts'
import { findLiveStanding, type LiveQuestion, type LiveStanding } from './live-standing.ts'
import { outcomesOf, pastActs, whoWantedKick } from './past-acts.ts'
import { countPending, pendingFindings } from './pending.ts'
import { noteRoleChanges } from './role-changes.ts'
import { interruptOverdue, interruptStale } from './run-interrupts.ts'
import { completeRun, type MoveFacts, moveRun } from './run-moves.ts'
import { openRun } from './run-opening.ts'
import { findRun, lastRuns, runsPage } from './runs.ts'
import { StandingBook, type StandingParts } from './standing-book.ts'
import { type Stopped, type Stopping, stop } from './stop.ts'
import { transact } from './transact.ts'
import { accept, acceptByHuman, baseline, readingCountsOnce } from './truth.ts'
import { liveAffectedSince, unattendedSince } from './unattended.ts'
import { findYardsticks, type Yardsticks } from './yardsticks.ts'

export interface BookParts extends StandingParts {
  /** The term in which this process acts; absent in a console, which changes nothing at Discord. */
  readonly term?: () => number
}

/** The durable side of the bot: each method is one transaction, and each change carries its line in it. Errors of the database are `StoreFault`. */
export class Book extends StandingBook {
  readonly #term: () => number | null
  /** Runs that are stored, perhaps, and that their callers have not heard of yet. */
  readonly #opening = new Set<string>()
  readonly #readCounts = readingCountsOnce()

  constructor({ term, ...parts }: BookParts) {
    super(parts)
    this.#term = term ?? (() => null)
  }

  /** `alive` are the runs that this process is at work on; without it, what stands as under way is left as it is. */
  async openRun(run: NewRun, alive?: ReadonlySet<string>): Promise<{ readonly run: Run; readonly repeated: boolean }> {
    this.#opening.add(run.id)
    try {
      return await openRun(this.ledger, run, this.#term(), alive && ((id) => alive.has(id) || this.#opening.has(id)))
    } finally {
      this.#opening.delete(run.id)
    }
  }

  moveRun(guildId: Id, runId: string, to: RunState, at: number, more: MoveFacts = {}): Promise<void> {
    return moveRun(this.ledger, guildId, runId, to, at, more)
  }

  holdRun(guildId: Id, runId: string, blast: Blast, at: number): Promise<void> {
    return holdRun(this.ledger, guildId, runId, blast, at)
  }

  completeRun(guildId: Id, runId: string, outcomes: Readonly<Record<string, number>>, at: number): Promise<Run> {
    return completeRun(this.ledger, guildId, runId, outcomes, at)
  }

  interruptStale(at: number): Promise<readonly Run[]> {
    return interruptStale(this.ledger, at)
  }

  interruptOverdue(alive: ReadonlySet<string>, now: number, graceMs: number): Promise<readonly Run[]> {
    return interruptOverdue(this.ledger, alive, now, graceMs)
  }

  closeLiveRuns(startedBefore: number, at: number): Promise<readonly Run[]> {
    return closeLiveRuns(this.ledger, startedBefore, at)
  }

  stop(guildId: Id, by: Stopping): Promise<Stopped> {
    return stop(this.ledger, this.form, guildId, by)
  }

  approve(guildId: Id, approval: NewApproval): Promise<void> {
    return approve(this.ledger, guildId, approval)
  }

  approval(guildId: Id, digest: string, now: number): Promise<Approval | null> {
    return findApproval(this.ledger, guildId, digest, now)
  }

  run(guildId: Id, runId: string): Promise<Run | null> {
    return findRun(this.ledger.db, guildId, runId)
  }

  lastRuns(guildId: Id, limit: number): Promise<readonly Run[]> {
    return lastRuns(this.ledger.db, guildId, limit)
  }

  /** A page of all runs, the newest first, and how many there are. */
  runsPage(
    guildId: Id,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly total: number; readonly runs: readonly Run[] }> {
    return runsPage(this.ledger.db, guildId, page)
  }

  storePlan(plan: StoredPlan): Promise<void> {
    return storePlan(this.ledger, plan)
  }

  noteOutcome(guildId: Id, runId: string, memberId: Id, outcome: Outcome | 'changed'): Promise<void> {
    return noteOutcome(this.ledger, guildId, runId, memberId, outcome)
  }

  findingsPage(
    guildId: Id,
    runId: string,
    page: FindingsPage,
  ): Promise<{ readonly total: number; readonly findings: readonly StoredFinding[] }> {
    return findingsPage(this.ledger.db, guildId, runId, page)
  }

  pendingFindings(guildId: Id, runId: string, after: Id | null, limit: number): Promise<readonly Finding[]> {
    return pendingFindings(this.ledger.db, guildId, runId, after, limit)
  }

  countPending(guildId: Id, runId: string): Promise<number> {
    return countPending(this.ledger.db, guildId, runId)
  }

  countAtStake(guildId: Id, runId: string): Promise<number> {
    return countAtStake(this.ledger.db, guildId, runId)
  }

  intend(act: Act, context: IntentContext): Promise<Intent> {
    return intend(this.ledger, act, context, this.#term())
  }

  mustGoOn(guildId: Id, runId: string): Promise<void> {
    return mustGoOn(this.ledger, guildId, runId, this.#term())
  }

  /** Intents that no outcome was written for, the oldest first: those of an earlier term or a killed process. */
  openIntents(limit: number): Promise<readonly Intent[]> {
    return openIntents(this.ledger, limit, this.#term())
  }

  settle(intent: Intent, outcome: Outcome | 'changed', detail: string | null, at: number): Promise<void> {
    return settle(this.ledger, intent, outcome, detail, at)
  }

  pastActs(
    guildId: Id,
    runId: string,
    memberId: Id | null,
    after: string | null,
    limit: number,
  ): Promise<readonly PastAct[]> {
    return pastActs(this.ledger.db, guildId, runId, memberId, after, limit)
  }

  whoWantedKick(guildId: Id, runId: string, memberId: Id): Promise<Actor | null> {
    return whoWantedKick(this.ledger.db, guildId, runId, memberId)
  }

  outcomesOf(guildId: Id, runId: string): Promise<Readonly<Record<string, number>>> {
    return outcomesOf(this.ledger.db, guildId, runId)
  }

  unattendedSince(
    guildId: Id,
    since: number,
    exceptRunId: string | null,
    inHand: readonly Id[] = [],
  ): Promise<{ readonly affected: number; readonly kicks: number }> {
    return unattendedSince(this.ledger.db, guildId, since, exceptRunId, inHand)
  }

  liveAffectedSince(guildId: Id, since: number, except: readonly Id[]): Promise<number> {
    return liveAffectedSince(this.ledger.db, guildId, since, except)
  }

  /** Everything that a live act on this member must know before it begins, of one moment. */
  liveStanding(guildId: Id, memberId: Id, question: LiveQuestion): Promise<LiveStanding> {
    return findLiveStanding(this.ledger.db, guildId, memberId, question)
  }

  noteRoleChanges(guildId: Id, changes: readonly RoleChangeEntry[], at: number): Promise<void> {
    return noteRoleChanges(this.ledger, guildId, changes, at)
  }

  async append(drafts: readonly TrailDraft[], at: number): Promise<void> {
    await transact(this.ledger.db, (tx) => this.ledger.append(tx, drafts, at))
  }

  baseline(guildId: Id, source: string, now: number): Promise<Baseline | null> {
    return baseline(this.ledger, this.#readCounts, guildId, source, now)
  }

  /** The settings and the baseline of an identity source, of one moment. */
  yardsticks(guildId: Id, source: string, now: number): Promise<Yardsticks> {
    const by = { settings: this.readSettings, counts: this.#readCounts }
    return findYardsticks(this.ledger.db, by, guildId, source, now)
  }

  accept(guildId: Id, source: string, vitals: Vitals, now: number): Promise<void> {
    return accept(this.ledger, guildId, source, vitals, now)
  }

  acceptByHuman(guildId: Id, source: string, vitals: Vitals, change: Change): Promise<void> {
    return acceptByHuman(this.ledger, guildId, source, vitals, change)
  }

  keepAccepted(guildId: Id, source: string, people: PeopleColumns, readAt: number): Promise<void> {
    return keepAccepted(this.ledger.db, guildId, source, people, readAt)
  }

  acceptedSnapshots(guildId: Id): Promise<readonly Accepted[]> {
    return findAccepted(this.ledger.db, guildId)
  }

  acceptedPeople(guildId: Id, source: string): AsyncIterable<readonly Identity[]> {
    return acceptedPeople(this.ledger.db, guildId, source)
  }

  openInvocation(asked: NewInvocation): Promise<'opened' | 'repeated'> {
    return openInvocation(this.ledger, asked)
  }

  closeInvocation(guildId: Id, interactionId: string, end: InvocationEnd, at: number): Promise<void> {
    return closeInvocation(this.ledger, guildId, interactionId, end, at)
  }

  /** `limit` null: the operator has lifted it. `except` is the interaction that asks. */
  quota(guildId: Id, actor: Actor, now: number, limit: number | null, except?: string): Promise<Quota> {
    return quota(this.ledger, guildId, actor, now, limit, except)
  }
}

export const makeBook = (parts: BookParts): Book => new Book(parts)
