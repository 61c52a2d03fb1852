import type { MemberColumns } from '#src/core/columns.ts'
import type { Baseline, Directory, Vitals } from '#src/core/directory.ts'
import type { Action, Blast, Counts, Finding, Guild, Id, Member, Settings, Trigger, Truth } from '#src/core/model.ts'
import type { Act, Outcome, RosterState, Run, RunState } from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'

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
  /** Resolves true at the first dispatch from now on that shows this member with (`held`) or without the role, false after `timeoutMs`. */
  sees(memberId: Id, roleId: Id, held: boolean, timeoutMs: number): Promise<boolean>
}

/** Reads at Discord itself, past every cache. */
export interface Looker {
  /** Null: Discord says that there is no such member. */
  member(guildId: Id, memberId: Id): Promise<Member | null>
}

/** The one door that changes anything at Discord. `reason` is shown in the guild's audit log. Never throws for an answer that Discord gave. */
export interface Enforcer {
  perform(act: Act, reason: string): Promise<{ readonly outcome: Outcome; readonly detail: string | null }>
}

export interface NewRun {
  readonly id: string
  readonly guildId: Id
  readonly trigger: Trigger
  readonly action: Action
  readonly actor: Actor
  readonly mayDestroy: boolean
  readonly reason: string | null
  /** The id by which the same request is known when it comes twice. */
  readonly idempotencyKey: string
  readonly at: number
}

export interface StoredPlan {
  readonly runId: string
  readonly guildId: Id
  readonly at: number
  readonly policyDigest: string
  readonly planDigest: string
  readonly rosterState: RosterState
  readonly truth: Truth
  readonly counts: Counts
  readonly blast: Blast
  readonly ages: { readonly roster: number; readonly identity: number }
  /** As shown: after every gate. */
  readonly findings: readonly Finding[]
  /** As they were before the blast radius, where it closed. */
  readonly planned: readonly Finding[] | null
}

export interface Intent {
  readonly id: string
  readonly act: Act
}

export interface IntentContext {
  readonly runId: string | null
  readonly actor: Actor
  readonly finding: Finding
  /** The roles held before the act, as Discord said when it was looked at. */
  readonly heldBefore: readonly Id[]
  readonly at: number
}

/** The durable side: each method is one transaction, and each change carries its trail line in it. */
export interface Book {
  settings(guildId: Id): Promise<Settings>
  /** Throws `Refusal` where a run of this guild is under way; returns the earlier run where the idempotency key was seen before. */
  openRun(run: NewRun): Promise<{ readonly run: Run; readonly repeated: boolean }>
  moveRun(guildId: Id, runId: string, to: RunState, at: number, problem?: string): Promise<void>
  storePlan(plan: StoredPlan): Promise<void>
  noteOutcome(guildId: Id, runId: string, memberId: Id, outcome: Outcome | 'changed'): Promise<void>
  /** Ends the run `completed`, with what was done by outcome. */
  completeRun(guildId: Id, runId: string, outcomes: Readonly<Record<string, number>>, at: number): Promise<Run>
  run(guildId: Id, runId: string): Promise<Run | null>
  intend(act: Act, context: IntentContext): Promise<Intent>
  settle(intent: Intent, outcome: Outcome, detail: string | null, at: number): Promise<void>
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
