import { hasAccess } from './access.ts'
import type { Earned } from './earnings.ts'
import type { Id, Identity, Member } from './model.ts'
import { sortedIds } from './order.ts'
import type { Scope } from './scope.ts'

/** What is so about one member, before anybody asks what to do about it. Role lists are sorted as numbers. */
export interface Facts {
  readonly member: Member
  readonly claims: readonly Identity[]
  /** The one person who claims the member; null where nobody does or several do. */
  readonly identity: Identity | null
  readonly access: boolean
  readonly excess: readonly Id[]
  readonly missing: readonly Id[]
}

/** With what the excess and the missing follow from, for whoever explains them. */
export interface FullFacts extends Facts {
  /** Empty without access. */
  readonly entitled: ReadonlySet<Id>
}

export const NO_ROLES: readonly Id[] = Object.freeze([])
const NOTHING_EARNED: Earned = { roleIds: new Set(), sorted: NO_ROLES }

export function factsOf(member: Member, claims: readonly Identity[], scope: Scope): FullFacts {
  const identity = claims.length === 1 ? claims[0]! : null
  const access = identity !== null && hasAccess(identity)
  const earned = access ? scope.earnings.of(identity) : NOTHING_EARNED
  return {
    member,
    claims,
    identity,
    access,
    entitled: earned.roleIds,
    excess: excessOf(member, earned, scope),
    missing: earned.sorted.length === 0 ? NO_ROLES : missingOf(member, earned),
  }
}

function excessOf({ roleIds }: Member, { roleIds: entitled }: Earned, { governed }: Scope): readonly Id[] {
  const excess = roleIds.filter((id) => !entitled.has(id) && governed.roleIds.has(id))
  return excess.length > 1 ? sortedIds(excess) : excess
}

/** A short list is searched faster than a set is made of it; measured. */
const FEW_ROLES = 16

function missingOf({ roleIds }: Member, { sorted }: Earned): readonly Id[] {
  if (roleIds.length <= FEW_ROLES) return sorted.filter((id) => !roleIds.includes(id))
  const held = new Set(roleIds)
  return sorted.filter((id) => !held.has(id))
}
