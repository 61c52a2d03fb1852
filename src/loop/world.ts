import type { MemberColumns } from '#src/core/columns.ts'
import type { Baseline, Directory, Vitals } from '#src/core/directory.ts'
import type { Guild, Id, Member, Settings } from '#src/core/model.ts'
import type {
  Act,
  Intent,
  IntentContext,
  NewRun,
  Outcome,
  RosterState,
  Run,
  RunState,
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
  /** Null: Discord says that there is no such member. */
  member(guildId: Id, memberId: Id): Promise<Member | null>
  /** The guild with its roles, its owner and the bot's own roles, as Discord says now: a lost event must not rename a role under an act. */
  guild(guildId: Id, botUserId: Id): Promise<Guild>
}

/**
 * The one door that changes anything at Discord. `reason` is shown in the guild's audit log. `stillWanted` is asked again before every try that
 * comes later than the look (after a rate limit, a fault, a wait in line); false ends the act as `changed`. Never throws for an answer that Discord gave.
 */
export interface Enforcer {
  perform(
    act: Act,
    reason: string,
    stillWanted: () => Promise<boolean>,
  ): Promise<{ readonly outcome: Outcome | 'changed'; readonly detail: string | null }>
}

/** The durable side: each method is one transaction, and each change carries its trail line in it. */
export interface Book {
  settings(guildId: Id): Promise<Settings>
  /**
   * Throws `Refusal` where a run of this guild is under way; returns the earlier run where the idempotency key was seen before.
   * With `alive`, a run of this guild that is under way and none of these was left behind, and is interrupted first.
   */
  openRun(run: NewRun, alive?: ReadonlySet<string>): Promise<{ readonly run: Run; readonly repeated: boolean }>
  /** `problem` is the sentence that a person reads; `outcomes` what was done until then. */
  moveRun(
    guildId: Id,
    runId: string,
    to: RunState,
    at: number,
    more?: { readonly problem?: string; readonly outcomes?: Readonly<Record<string, number>> },
  ): Promise<void>
  storePlan(plan: StoredPlan): Promise<void>
  noteOutcome(guildId: Id, runId: string, memberId: Id, outcome: Outcome | 'changed'): Promise<void>
  /** Ends the run `completed`, with what was done by outcome. */
  completeRun(guildId: Id, runId: string, outcomes: Readonly<Record<string, number>>, at: number): Promise<Run>
  run(guildId: Id, runId: string): Promise<Run | null>
  /** Intents that no outcome was written for, the oldest first; those of a process that was killed. */
  openIntents(limit: number): Promise<readonly Intent[]>
  /** Throws `Refusal` where the run that the act belongs to is no longer running. */
  intend(act: Act, context: IntentContext): Promise<Intent>
  settle(intent: Intent, outcome: Outcome | 'changed', detail: string | null, at: number): Promise<void>
  append(drafts: readonly TrailDraft[], at: number): Promise<void>
  /** The highest accepted counts of the last 24 hours or since a human accepted one; null before the first. */
  baseline(guildId: Id, source: string, now: number): Promise<Baseline | null>
  accept(guildId: Id, source: string, vitals: Vitals, now: number): Promise<void>
  /** Lifts the guild's first-run lock by the run that a human named. */
  acknowledge(guildId: Id, run: Run, actor: Actor, cause: string, at: number): Promise<void>
}

export interface World {
  now(): number
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
  /** What an operator should know and nobody is waiting to be told: a review that failed, a guild passed over. Holds no secret. */
  notice(message: string, facts: Readonly<Record<string, unknown>>): void
}
