import type { Action, Blast, Counts, Finding, Id, Trigger, Truth } from './model.ts'
import type { Actor } from './trail.ts'

export const RUN_STATES = [
  'pending',
  'running',
  'completed',
  'failed',
  'interrupted',
  'awaiting_approval',
  'abandoned',
] as const
export type RunState = (typeof RUN_STATES)[number]

export const ROSTER_STATES = ['cold', 'syncing', 'live', 'suspect'] as const
/** How far the member cache is to be trusted: only `live` is. */
export type RosterState = (typeof ROSTER_STATES)[number]

/** What came of an act. `unknown` until seen: a 2xx is not proof. */
export type Outcome = 'done' | 'gone' | 'refused' | 'failed' | 'unknown' | 'rehearsed'

/** One whole look at a guild, as it is stored. Times are milliseconds since the epoch. */
export interface Run {
  readonly id: string
  readonly guildId: Id
  readonly state: RunState
  readonly trigger: Trigger
  readonly action: Action
  readonly actor: Actor
  readonly mayDestroy: boolean
  readonly startedAt: number
  readonly endedAt: number | null
  /** The sentence a person reads where the run did not complete; null otherwise. */
  readonly problem: string | null
  readonly rosterState: RosterState | null
  readonly truth: Truth | null
  readonly policyDigest: string | null
  readonly planDigest: string | null
  readonly counts: Counts | null
  readonly blast: Blast | null
  /** Role changes by outcome, and the members who changed between plan and act. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Ages in milliseconds of the facts used, at the time of the plan. */
  readonly ages: { readonly roster: number; readonly identity: number } | null
}

/** A finding of a run, with what came of it. */
export interface StoredFinding extends Finding {
  /** What happened to it: null where nothing was to be done, `changed` where the member was no longer as planned. */
  readonly outcome: Outcome | 'changed' | null
}

/** One change to one member at Discord, and nothing larger: whole-array role writes lose updates. */
export type Act =
  | { readonly kind: 'remove_role'; readonly guildId: Id; readonly memberId: Id; readonly roleId: Id }
  | { readonly kind: 'add_role'; readonly guildId: Id; readonly memberId: Id; readonly roleId: Id }

/** A run as it is asked for. */
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

/** What a run means to do, and what it stands on. */
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

/** An act that was written down before it is tried. */
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
