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

/**
 * What a run is for. `audit`: a whole look at a guild (of one member or one role, where it is narrowed). `group`: the review of all whom one cause
 * concerns, such as a renamed role. `live`: the live acts of a guild within an hour, which count as one run (docs/semantics.md, blast radius).
 * `undo`: gives back what another run took. `retry`: kicks that failed for a passing reason, tried again.
 */
export const PURPOSES = ['audit', 'group', 'live', 'undo', 'retry'] as const
export type Purpose = (typeof PURPOSES)[number]

/** What a run is narrowed to; null: everybody, every role. */
export interface Only {
  readonly memberId: Id | null
  readonly roleId: Id | null
}

export const EVERYTHING: Only = { memberId: null, roleId: null }

/** One whole look at a guild, as it is stored. Times are milliseconds since the epoch. */
export interface Run {
  readonly id: string
  readonly guildId: Id
  readonly state: RunState
  readonly purpose: Purpose
  /** What set it off, where that was neither a person nor the clock: `role:<id>`, `roles` (several by one edit), `source:<name>`, and `run:<id>` for an undo or a retry. */
  readonly cause: string | null
  readonly only: Only
  /** When it is cut off though it has not ended; null for runs that wait for others (`live`). */
  readonly deadlineAt: number | null
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

/**
 * One change to one member at Discord. Whole-array role writes lose updates, so roles go one by one; `remove_roles` is the exception that an
 * operator may choose (BULK_STRIP): one write of the roles that are left, made from a read of that very moment.
 */
export type Act =
  | { readonly kind: 'remove_role'; readonly guildId: Id; readonly memberId: Id; readonly roleId: Id }
  | { readonly kind: 'add_role'; readonly guildId: Id; readonly memberId: Id; readonly roleId: Id }
  | { readonly kind: 'remove_roles'; readonly guildId: Id; readonly memberId: Id; readonly roleIds: readonly Id[] }
  | { readonly kind: 'kick'; readonly guildId: Id; readonly memberId: Id }

/** The roles that an act takes or gives; a kick names none. */
export function rolesOfAct(act: Act): readonly Id[] {
  if (act.kind === 'kick') return []
  return act.kind === 'remove_roles' ? act.roleIds : [act.roleId]
}

/** A run as it is asked for. */
export interface NewRun {
  readonly id: string
  readonly guildId: Id
  readonly purpose: Purpose
  readonly cause: string | null
  readonly only: Only
  readonly deadlineAt: number | null
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

/** Why an act is made: a finding of the policy's, or the wish of a person to have an earlier act undone. */
export type Ground = { readonly finding: Finding } | { readonly undoes: { readonly runId: string } }

export interface IntentContext {
  readonly runId: string
  readonly actor: Actor
  readonly ground: Ground
  /** The roles held before the act, as Discord said when it was looked at. */
  readonly heldBefore: readonly Id[]
  readonly at: number
}

/** An act of a run that was done, or may have been, as it is read back to be undone. */
export interface PastAct {
  readonly intentId: string
  readonly act: Act
  readonly outcome: Outcome
  readonly at: number
}

/** A role (or `kick`) that Discord refused to let the bot touch. */
export interface Quarantine {
  readonly what: Id | 'kick'
  readonly detail: string
  readonly at: number
}

/** A kick that failed for a passing reason and is tried again. */
export interface Retry {
  readonly guildId: Id
  readonly memberId: Id
  readonly runId: string
  readonly tries: number
  readonly notBefore: number
  readonly detail: string | null
}

export interface Approval {
  readonly digest: string
  readonly runId: string
  readonly by: Actor
  readonly at: number
  readonly expiresAt: number
}
