import type { Id } from '#src/core/model.ts'
import type { Act, Intent, IntentContext, Outcome, PastAct, Quarantine, Retry } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'

/** Acts: what is to be done, before it is, what came of it, and what was done before. Each method is one transaction, and each change carries its trail line in it. */
export interface ActBook {
  /** Throws `Refusal` where the run that the act belongs to is no longer running, and `TermOver` where somebody else acts by now. */
  intend(act: Act, context: IntentContext): Promise<Intent>
  /** Throws as `intend` does, without writing anything: asked where time has passed since, of which this process may know nothing. */
  mustGoOn(guildId: Id, runId: string): Promise<void>
  settle(intent: Intent, outcome: Outcome | 'changed', detail: string | null, at: number): Promise<void>
  /** Intents that no outcome was written for, the oldest first; those of an earlier term or a killed process. */
  openIntents(limit: number): Promise<readonly Intent[]>
  /** Acts of the run that were done or may have been (`unknown`), the oldest first, those after the intent `after`. */
  pastActs(
    guildId: Id,
    runId: string,
    memberId: Id | null,
    after: string | null,
    limit: number,
  ): Promise<readonly PastAct[]>
  /** On whose behalf the run's newest kick of this member was written down; null where there is none. */
  whoWantedKick(guildId: Id, runId: string, memberId: Id): Promise<Actor | null>
  /** The run's acts by outcome, as its intents say. */
  outcomesOf(guildId: Id, runId: string): Promise<Readonly<Record<string, number>>>
  /**
   * Members from whom something was taken (`affected`) and who were kicked without anybody asking since then, each once a run; the run named is left out.
   * Of a run that is at work its plan counts where that is more. Those of `inHand` whom the live run of the moment concerns are counted by the caller.
   */
  unattendedSince(
    guildId: Id,
    since: number,
    exceptRunId: string | null,
    inHand?: readonly Id[],
  ): Promise<{ readonly affected: number; readonly kicks: number }>
  /**
   * Members from whom runs of purpose `live` took something since then, each once, those of `except` left out; counts what is intended and
   * not yet settled. Whoever is in hand is left out and counted by the caller: an act again on the same member affects nobody else.
   */
  liveAffectedSince(guildId: Id, since: number, except: readonly Id[]): Promise<number>
  /** Everything that a live act on this member must know before it begins, of one moment. */
  liveStanding(guildId: Id, memberId: Id, question: LiveQuestion): Promise<LiveStanding>
  scheduleRetry(retry: Retry, at: number): Promise<void>
  dueRetries(now: number, limit: number): Promise<readonly Retry[]>
  dropRetry(guildId: Id, memberId: Id): Promise<void>
  /** Forgets the kicks that this run wanted and that wait to be tried again; of one member, or (null) of all. */
  dropRetriesOf(guildId: Id, runId: string, memberId: Id | null): Promise<void>
}

/** Since when is counted what was taken, ms since the epoch. */
export interface LiveQuestion {
  /** From this member, by role; the same for what was given. */
  readonly takenSince: number
  /** From members of the guild by runs of purpose `live`, and by all that nobody asked for. */
  readonly hourSince: number
  readonly daySince: number
  /** Whoever is in hand is left out and counted by the caller, as in `liveAffectedSince` and `unattendedSince`. */
  readonly inHand: readonly Id[]
}

export interface LiveStanding {
  /** The roles about which something else does not give way, of this member. */
  readonly contested: ReadonlySet<Id>
  /** How often each role was taken from this member (`done`), and how often it was given. */
  readonly timesTaken: ReadonlyMap<Id, number>
  readonly timesGiven: ReadonlyMap<Id, number>
  readonly quarantines: ReadonlyMap<Id | 'kick', Quarantine>
  /** Members, as `liveAffectedSince` and `unattendedSince` count them. */
  readonly lastHour: number
  readonly lastDay: number
}
