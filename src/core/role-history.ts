import { type Governed, governedRoles } from './governed.ts'
import type { Id } from './model.ts'

// Every change of a governed role that was seen, whoever made it.

/**
 * How the change came about, as far as it was seen. `resync`: found by comparing a fresh list with what was held, so that nobody saw when it happened.
 * `leave`: they left, and hold nothing any more; `role_deleted`: nobody does.
 */
export type RoleChangeCause = 'seen' | 'join' | 'leave' | 'role_deleted' | 'resync'

export interface SeenRoleChange {
  readonly memberId: Id
  readonly roleId: Id
  readonly operation: 'added' | 'removed'
  /** When it was seen, ms since the epoch. */
  readonly seenAt: number
  readonly why: RoleChangeCause
}

/** A change with what governs the role, and whom Discord's audit log names for it. */
export interface RoleChangeEntry extends SeenRoleChange {
  readonly scope: string
  readonly by: { readonly memberId: Id; readonly entryId: Id } | null
}

/** What governs each role: `group:<name>` or `state:<name>`, the first of several in the order of the alphabet. */
export function scopesOf({ byGroup, byState }: Pick<Governed, 'byGroup' | 'byState'>): ReadonlyMap<Id, string> {
  const scopes = new Map<Id, string>()
  const all = [
    ...[...byGroup].map(([name, roleIds]) => [`group:${name}`, roleIds] as const),
    ...[...byState].map(([name, roleIds]) => [`state:${name}`, roleIds] as const),
  ]
  for (const [scope, roleIds] of all.sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const roleId of roleIds) if (!scopes.has(roleId)) scopes.set(roleId, scope)
  return scopes
}

/** The same of a guild as it is now. */
export const scopesIn = (...facts: Parameters<typeof governedRoles>): ReadonlyMap<Id, string> =>
  scopesOf(governedRoles(...facts))

/** A line of the history of a member's role. */
export interface HeldEvidence {
  readonly operation: 'added' | 'removed'
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A stretch in which nobody watched. `from` null: since ever. */
export interface Unwatched {
  readonly from: number | null
  readonly to: number
}

export type Held = 'held' | 'not_held' | 'unknown'

/**
 * Whether a role was held at a moment: by the last line before it and the first one after it or, where nothing came after it, by how it is now (null: not known).
 * Where the two contradict each other, something changed unseen: then the one counts between which and the moment somebody watched.
 */
export function heldAt(
  at: number,
  before: HeldEvidence | null,
  after: HeldEvidence | null,
  now: { readonly held: boolean; readonly at: number } | null,
  unwatched: readonly Unwatched[],
): Held {
  const then = before && { held: before.operation === 'added', at: before.at }
  const later = after ? { held: after.operation === 'removed', at: after.at } : now
  const isWatched = (from: number, to: number) =>
    !unwatched.some((gap) => (gap.from === null || gap.from < to) && gap.to > from)
  if (then && later && then.held === later.held) return wordOf(then.held)
  if (then && isWatched(then.at, at)) return wordOf(then.held)
  if (later && isWatched(at, later.at)) return wordOf(later.held)
  return 'unknown'
}

const wordOf = (held: boolean): Held => (held ? 'held' : 'not_held')
