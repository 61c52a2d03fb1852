import type { Baseline, Vitals } from '#src/core/directory.ts'
import type { Gate, Id, Settings } from '#src/core/model.ts'
import type {
  Act,
  Intent,
  IntentContext,
  NewRun,
  Outcome,
  Run,
  RunState,
  StoredFinding,
  StoredPlan,
} from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import { countAtStake, type FindingsPage, findingsPage, gateTally, noteOutcome, storePlan } from './findings.ts'
import { acknowledge, acknowledgement, guildIds, rememberGuild } from './guilds.ts'
import type { Db } from './handle.ts'
import { intend, openIntents, settle } from './intents.ts'
import {
  closeInvocation,
  type InvocationEnd,
  type NewInvocation,
  openInvocation,
  type Quota,
  quota,
} from './invocations.ts'
import type { AppendLines, Change, Ledger } from './ledger.ts'
import { interruptStale } from './run-interrupts.ts'
import { completeRun, type MoveFacts, moveRun } from './run-moves.ts'
import { openRun } from './run-opening.ts'
import { findRun, lastRuns } from './runs.ts'
import { findSettings, type SettingsForm, saveSettings } from './settings.ts'
import { transact } from './transact.ts'
import { accept, acceptByHuman, baseline } from './truth.ts'

export interface BookParts extends SettingsForm {
  readonly db: Db
  readonly append: AppendLines
}

/** The durable side of the bot: each method is one transaction, and each change carries its line in it. Errors of the database are `StoreFault`. */
export class Book {
  readonly #ledger: Ledger
  readonly #form: SettingsForm
  /** Runs that are stored, perhaps, and that their callers have not heard of yet. */
  readonly #opening = new Set<string>()

  constructor({ db, append, readSettings, writeSettings }: BookParts) {
    this.#ledger = { db, append }
    this.#form = { readSettings, writeSettings }
  }

  settings(guildId: Id): Promise<Settings> {
    return findSettings(this.#ledger, this.#form, guildId)
  }

  /** `wanted` names the settings to replace, in a snapshot file's form. Returns the names of those that changed. */
  saveSettings(guildId: Id, wanted: Readonly<Record<string, unknown>>, change: Change): Promise<readonly string[]> {
    return saveSettings(this.#ledger, this.#form, guildId, wanted, change)
  }

  /** `alive` are the runs that this process is at work on; without it, what stands as under way is left as it is. */
  async openRun(run: NewRun, alive?: ReadonlySet<string>): Promise<{ readonly run: Run; readonly repeated: boolean }> {
    this.#opening.add(run.id)
    try {
      return await openRun(this.#ledger, run, alive && ((id) => alive.has(id) || this.#opening.has(id)))
    } finally {
      this.#opening.delete(run.id)
    }
  }

  moveRun(guildId: Id, runId: string, to: RunState, at: number, more: MoveFacts = {}): Promise<void> {
    return moveRun(this.#ledger, guildId, runId, to, at, more)
  }

  completeRun(guildId: Id, runId: string, outcomes: Readonly<Record<string, number>>, at: number): Promise<Run> {
    return completeRun(this.#ledger, guildId, runId, outcomes, at)
  }

  interruptStale(at: number): Promise<readonly Run[]> {
    return interruptStale(this.#ledger, at)
  }

  run(guildId: Id, runId: string): Promise<Run | null> {
    return findRun(this.#ledger.db, guildId, runId)
  }

  lastRuns(guildId: Id, limit: number): Promise<readonly Run[]> {
    return lastRuns(this.#ledger.db, guildId, limit)
  }

  storePlan(plan: StoredPlan): Promise<void> {
    return storePlan(this.#ledger, plan)
  }

  noteOutcome(guildId: Id, runId: string, memberId: Id, outcome: Outcome | 'changed'): Promise<void> {
    return noteOutcome(this.#ledger, guildId, runId, memberId, outcome)
  }

  findingsPage(
    guildId: Id,
    runId: string,
    page: FindingsPage,
  ): Promise<{ readonly total: number; readonly findings: readonly StoredFinding[] }> {
    return findingsPage(this.#ledger.db, guildId, runId, page)
  }

  countAtStake(guildId: Id, runId: string): Promise<number> {
    return countAtStake(this.#ledger.db, guildId, runId)
  }

  gateTally(guildId: Id, runId: string): Promise<Readonly<Partial<Record<Gate, number>>>> {
    return gateTally(this.#ledger.db, guildId, runId)
  }

  intend(act: Act, context: IntentContext): Promise<Intent> {
    return intend(this.#ledger, act, context)
  }

  /** Intents that no outcome was written for, the oldest first; those of a process that was killed. */
  openIntents(limit: number): Promise<readonly Intent[]> {
    return openIntents(this.#ledger, limit)
  }

  settle(intent: Intent, outcome: Outcome | 'changed', detail: string | null, at: number): Promise<void> {
    return settle(this.#ledger, intent, outcome, detail, at)
  }

  async append(drafts: readonly TrailDraft[], at: number): Promise<void> {
    await transact(this.#ledger.db, (tx) => this.#ledger.append(tx, drafts, at))
  }

  baseline(guildId: Id, source: string, now: number): Promise<Baseline | null> {
    return baseline(this.#ledger, guildId, source, now)
  }

  accept(guildId: Id, source: string, vitals: Vitals, now: number): Promise<void> {
    return accept(this.#ledger, guildId, source, vitals, now)
  }

  acceptByHuman(
    guildId: Id,
    source: string,
    vitals: Vitals,
    by: { readonly actor: Actor; readonly cause: string; readonly at: number },
  ): Promise<void> {
    return acceptByHuman(this.#ledger, guildId, source, vitals, by)
  }

  rememberGuild(guildId: Id, name: string, at: number): Promise<void> {
    return rememberGuild(this.#ledger, guildId, name, at)
  }

  /** The guilds that this installation has seen. */
  guildIds(): Promise<readonly Id[]> {
    return guildIds(this.#ledger.db)
  }

  acknowledge(guildId: Id, run: Run, actor: Actor, cause: string, at: number): Promise<void> {
    return acknowledge(this.#ledger, guildId, run, actor, cause, at)
  }

  /** Who lifted the first-run lock, when, and by which run; null where it holds. */
  acknowledgement(guildId: Id): Promise<{ readonly by: string; readonly at: number; readonly run: string } | null> {
    return acknowledgement(this.#ledger, guildId)
  }

  openInvocation(asked: NewInvocation): Promise<'opened' | 'repeated'> {
    return openInvocation(this.#ledger, asked)
  }

  closeInvocation(guildId: Id, interactionId: string, end: InvocationEnd, at: number): Promise<void> {
    return closeInvocation(this.#ledger, guildId, interactionId, end, at)
  }

  /** `limit` null: the operator has lifted it. `except` is the interaction that asks. */
  quota(guildId: Id, actor: Actor, now: number, limit: number | null, except?: string): Promise<Quota> {
    return quota(this.#ledger, guildId, actor, now, limit, except)
  }
}

export const makeBook = (parts: BookParts): Book => new Book(parts)
