import type { Arrangements } from '#src/core/arrangements.ts'
import type { MemberColumns } from '#src/core/columns.ts'
import type { Baseline, Directory, Vitals } from '#src/core/directory.ts'
import type { Action, Blast, Finding, FindingCategory, Guild, Id, Member, Settings } from '#src/core/model.ts'
import type { Moment } from '#src/core/moment.ts'
import type { Grantor, LoggedRoleChange, Notice } from '#src/core/notice.ts'
import type {
  Act,
  Approval,
  Intent,
  IntentContext,
  NewRun,
  Outcome,
  PastAct,
  Quarantine,
  Retry,
  RosterState,
  Run,
  RunState,
  StoredFinding,
  StoredPlan,
} from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'

export type { Intent, IntentContext, NewRun, StoredPlan }

// What the loop needs of the world. `main` fits the edges in; tests fit in a small world in memory.

/** The live member cache of one guild. It proposes; Discord confirms. */
export interface GuildRoster {
  readonly state: RosterState
  /** When the roster was last known to be whole and right (last fill or matching checksum), ms since the epoch; null before the first. */
  readonly verifiedAt: number | null
  /** Null until the guild was seen. */
  guild(): Guild | null
  readonly columns: MemberColumns
  member(id: Id): Member | null
  /** Lays the columns out for these roles, which the walk compares; costs nothing where they lie so already. */
  prefer(roleIds: readonly Id[]): void
  /** Resolves true at the first dispatch from now on that shows this member with (`held`) or without the role, false after `timeoutMs` or when they leave. */
  sees(memberId: Id, roleId: Id, held: boolean, timeoutMs: number): Promise<boolean>
}

/** Reads at Discord itself, past every cache. */
export interface Looker {
  /** Null: Discord says that there is no such member. Looks of the live lane go before others, here and below. */
  member(guildId: Id, memberId: Id, lane?: Performing['lane']): Promise<Member | null>
  /** The guild with its roles, its owner and the bot's own roles, as Discord says now: a lost event must not rename a role under an act. */
  guild(guildId: Id, botUserId: Id, lane?: Performing['lane']): Promise<Guild>
  /** The same with the bot's permissions in the whole guild, as Discord's bit field. */
  standing(guildId: Id, botUserId: Id): Promise<{ readonly guild: Guild; readonly permissions: bigint }>
  /** The newest role changes of the guild's audit log, at most 100, newest first. Rejects where the bot may not read it. */
  roleChanges(guildId: Id): Promise<readonly LoggedRoleChange[]>
}

export interface Performing {
  /** What Discord's own audit log is to show. */
  readonly reason: string
  /** Live acts go before commands, commands before sweeps, at Discord's door too. */
  readonly lane: 'live' | 'command' | 'sweep'
  /** When the look at the member began that the act stands on: it may be old though nothing was waited for at the door. */
  readonly lookedAt: Moment
  /**
   * Asked again before every try that comes later than the look (after a rate limit, a fault, a wait in line, a slow database); false ends the act as
   * `changed`.
   */
  readonly stillWanted: () => Promise<boolean>
}

/** What came of one act at Discord's door. `refusal`: Discord refuses this for good (permission, rank, second factor), so that trying again is no use. */
export interface Performed {
  readonly outcome: Outcome | 'changed'
  readonly detail: string | null
  readonly refusal?: boolean
}

/** The one door that changes anything at Discord. Never throws for an answer that Discord gave. */
export interface Enforcer {
  perform(act: Act, how: Performing): Promise<Performed>
  /** How many acts of this kind the guild gets through in a second, by the limits that Discord told last; the known shape before the first answer. */
  pace(guildId: Id, kind: Act['kind']): number
}

/** The durable side: each method is one transaction, and each change carries its trail line in it. */
export interface Book {
  settings(guildId: Id): Promise<Settings>
  arrangements(guildId: Id): Promise<Arrangements>
  /**
   * Throws `Refusal` where a run of this guild is under way; returns the earlier run where the idempotency key was seen before and still lives.
   * With `alive`, a run of this guild that is under way and none of these was left behind, and is interrupted first. Throws `TermOver` where somebody
   * else acts by now.
   */
  openRun(run: NewRun, alive?: ReadonlySet<string>): Promise<{ readonly run: Run; readonly repeated: boolean }>
  /** `problem` is the sentence that a person reads; `outcomes` what was done until then; `deadlineAt` where a resumed run gets a new one. */
  moveRun(
    guildId: Id,
    runId: string,
    to: RunState,
    at: number,
    more?: {
      readonly problem?: string
      readonly outcomes?: Readonly<Record<string, number>>
      readonly deadlineAt?: number
      /** Who moved it, where that is not who asked for the run. */
      readonly actor?: Actor
      readonly cause?: string
    },
  ): Promise<void>
  storePlan(plan: StoredPlan): Promise<void>
  /** Lets the run wait for a human: what is still to be done of its plan is shown as held by `blast_radius`, and `blast` is what the plan comes to. */
  holdRun(guildId: Id, runId: string, blast: Blast, at: number): Promise<void>
  noteOutcome(guildId: Id, runId: string, memberId: Id, outcome: Outcome | 'changed'): Promise<void>
  /** Ends the run `completed`, with what was done by outcome. */
  completeRun(guildId: Id, runId: string, outcomes: Readonly<Record<string, number>>, at: number): Promise<Run>
  run(guildId: Id, runId: string): Promise<Run | null>
  /** A page of the run's findings as shown, in the order of member ids as numbers, and how many there are in all; with `atStake`, of those that somebody should read of. */
  findingsPage(
    guildId: Id,
    runId: string,
    page: {
      readonly category: FindingCategory | null
      readonly atStake?: boolean
      readonly offset: number
      readonly limit: number
    },
  ): Promise<{ readonly total: number; readonly findings: readonly StoredFinding[] }>
  /**
   * What is still to be done of a run's plan: findings as they were before the blast radius, that want something done and have no outcome yet,
   * in the order of member ids as numbers, those above `after`.
   */
  pendingFindings(guildId: Id, runId: string, after: Id | null, limit: number): Promise<readonly Finding[]>
  countPending(guildId: Id, runId: string): Promise<number>
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
  /** Throws `Refusal` where the run does not wait for approval, or waits with another digest. */
  approve(
    guildId: Id,
    approval: {
      readonly runId: string
      readonly digest: string
      readonly actor: Actor
      readonly cause: string
      readonly at: number
      readonly expiresAt: number
    },
  ): Promise<void>
  /** Null where there is none, or it has expired. */
  approval(guildId: Id, digest: string, now: number): Promise<Approval | null>
  /** Disarms schedule and realtime, interrupts every run of the guild that is under way and forgets the kicks that were to be tried again, in one transaction. */
  stop(
    guildId: Id,
    by: { readonly actor: Actor; readonly cause: string; readonly at: number },
  ): Promise<{
    readonly runs: readonly Run[]
    readonly wasArmed: { readonly schedule: boolean; readonly realtime: boolean }
  }>
  /** Interrupts runs (of every guild) whose deadline passed more than `graceMs` ago and that are none of `alive`; returns them. */
  interruptOverdue(alive: ReadonlySet<string>, now: number, graceMs: number): Promise<readonly Run[]>
  /** Ends every `live` run that began before then, with its acts by outcome. */
  closeLiveRuns(startedBefore: number, at: number): Promise<readonly Run[]>
  /** Intents that no outcome was written for, the oldest first; those of an earlier term or a killed process. */
  openIntents(limit: number): Promise<readonly Intent[]>
  /** Throws `Refusal` where the run that the act belongs to is no longer running, and `TermOver` where somebody else acts by now. */
  intend(act: Act, context: IntentContext): Promise<Intent>
  /** Throws as `intend` does, without writing anything: asked where time has passed since, of which this process may know nothing. */
  mustGoOn(guildId: Id, runId: string): Promise<void>
  settle(intent: Intent, outcome: Outcome | 'changed', detail: string | null, at: number): Promise<void>
  append(drafts: readonly TrailDraft[], at: number): Promise<void>
  /** The highest accepted counts of the last 24 hours or since a human accepted one; null before the first. */
  baseline(guildId: Id, source: string, now: number): Promise<Baseline | null>
  /** The settings and the baseline of the source, of one moment: what a verdict is measured by. */
  yardsticks(guildId: Id, source: string, now: number): Promise<Yardsticks>
  accept(guildId: Id, source: string, vitals: Vitals, now: number): Promise<void>
  /** A human takes this reading for true, whatever the check says. */
  acceptByHuman(
    guildId: Id,
    source: string,
    vitals: Vitals,
    by: { readonly actor: Actor; readonly cause: string; readonly at: number },
  ): Promise<void>
  /** Lifts the guild's first-run lock by the run that a human named. */
  acknowledge(guildId: Id, run: Run, actor: Actor, cause: string, at: number): Promise<void>
  /** Sets an override of one member, in place of any other of theirs. */
  setOverride(
    guildId: Id,
    override: Settings['overrides'][number],
    change: { readonly actor: Actor; readonly reason: string | null; readonly at: number },
  ): Promise<void>
  /** False where the member had none. */
  liftOverride(
    guildId: Id,
    memberId: Id,
    change: { readonly actor: Actor; readonly reason: string | null; readonly at: number },
  ): Promise<boolean>
  /** True where it was not there before: then it is time to tell somebody, once. */
  quarantine(guildId: Id, what: Id | 'kick', detail: string, runId: string | null, at: number): Promise<boolean>
  quarantines(guildId: Id): Promise<ReadonlyMap<Id | 'kick', Quarantine>>
  /** Returns those that were in quarantine. */
  release(
    guildId: Id,
    what: readonly (Id | 'kick')[],
    by: { readonly actor: Actor; readonly at: number },
  ): Promise<readonly (Id | 'kick')[]>
  /** True where the contest is new. */
  contest(
    guildId: Id,
    memberId: Id,
    roleId: Id,
    facts: { readonly grantorId: Id | null; readonly times: number; readonly at: number },
  ): Promise<boolean>
  /** The roles about which something else does not give way, of this member. */
  contested(guildId: Id, memberId: Id): Promise<ReadonlySet<Id>>
  endContest(guildId: Id, memberId: Id, by: { readonly actor: Actor; readonly at: number }): Promise<void>
  noteGrant(
    guildId: Id,
    grant: { readonly memberId: Id; readonly roleId: Id; readonly grantor: Grantor; readonly at: number },
  ): Promise<void>
  /** The last one who gave this role to this member since then, as noted; null where nobody is known. */
  lastGrantor(guildId: Id, memberId: Id, roleId: Id, since: number): Promise<Grantor>
  /** True where the guild was not blind before. */
  goBlind(
    guildId: Id,
    facts: {
      readonly source: string
      readonly why: readonly string[]
      readonly problem: string | null
      readonly at: number
    },
  ): Promise<boolean>
  /** Since when it was blind; null where it was not. */
  endBlindness(guildId: Id, at: number): Promise<number | null>
  blindness(guildId: Id): Promise<{
    readonly source: string
    readonly since: number
    readonly why: readonly string[]
    readonly problem: string | null
  } | null>
  scheduleRetry(retry: Retry, at: number): Promise<void>
  dueRetries(now: number, limit: number): Promise<readonly Retry[]>
  dropRetry(guildId: Id, memberId: Id): Promise<void>
  /** Forgets the kicks that this run wanted and that wait to be tried again; of one member, or (null) of all. */
  dropRetriesOf(guildId: Id, runId: string, memberId: Id | null): Promise<void>
}

export interface Yardsticks {
  readonly settings: Settings
  /** Null before the first accepted reading of the source. */
  readonly baseline: Baseline | null
}

/** Since when is counted what was taken, ms since the epoch. */
export interface LiveQuestion {
  /** From this member, by role. */
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
  /** How often each role was taken from this member (`done`). */
  readonly timesTaken: ReadonlyMap<Id, number>
  readonly quarantines: ReadonlyMap<Id | 'kick', Quarantine>
  /** Members, as `liveAffectedSince` and `unattendedSince` count them. */
  readonly lastHour: number
  readonly lastDay: number
}

export interface World {
  now(): number
  /** Milliseconds that only ever grow, for ages and patience: the clock of the machine may jump. */
  elapsed(): number
  /** The time by Discord's clock, ms since the epoch, never later than it is there: ours may be wrong. */
  discordNow(): number
  /** A new uuid v7. */
  newId(): string
  /** `sha256:` and the hex digest of the value's RFC 8785 form. */
  digestOf(value: unknown): string
  roster(guildId: Id): GuildRoster | null
  directory(guildId: Id): Directory
  /** The digest of what the operator has set, so that a finding can name the policy it was made by. */
  settingsDigest(settings: Settings): string
  readonly looker: Looker
  readonly enforcer: Enforcer
  readonly book: Book
  /** False from the moment at which another bot may act in this one's place; asked right before each act. */
  mayAct(): boolean
  /** Whether somebody who asked for this before may still have it done: true but for a member of the guild who has lost the permission. */
  mayStill(guildId: Id, actor: Actor, action: Action): boolean
  /** Whether several roles of one member go in one write (BULK_STRIP). */
  readonly bulkStrip: boolean
  /** How long a run may take, ms. */
  readonly deadlineMs: number
  /** Tells the moderators of a guild. Returns at once and never throws: a notice that cannot be posted holds up nothing. */
  tell(guildId: Id, notice: Notice): void
  /** What an operator should know and nobody is waiting to be told: a review that failed, a guild passed over. Holds no secret. */
  notice(message: string, facts: Readonly<Record<string, unknown>>): void
}
