import { hasAccess } from './access.ts'
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
  /** Empty without access. */
  readonly entitled: ReadonlySet<Id>
  readonly excess: readonly Id[]
  readonly missing: readonly Id[]
}

const NO_ROLES: readonly Id[] = Object.freeze([])
const NOTHING: ReadonlySet<Id> = new Set()

export function factsOf(member: Member, claims: readonly Identity[], scope: Scope): Facts {
  const identity = claims.length === 1 ? claims[0]! : null
  const access = identity !== null && hasAccess(identity)
  const entitled = access ? entitledTo(identity, scope) : NOTHING
  return {
    member,
    claims,
    identity,
    access,
    entitled,
    excess: excessOf(member, entitled, scope),
    missing: missingOf(member, entitled),
  }
}

/** The governed roles that a person's groups and state earn, whether or not the person has access. */
export function entitledTo(identity: Identity, { governed }: Scope): ReadonlySet<Id> {
  const earned = new Set<Id>()
  for (const group of identity.groups) for (const id of governed.byGroup.get(group) ?? NO_ROLES) earned.add(id)
  if (identity.state !== null) for (const id of governed.byState.get(identity.state) ?? NO_ROLES) earned.add(id)
  return earned
}

function excessOf({ roleIds }: Member, entitled: ReadonlySet<Id>, { governed }: Scope): readonly Id[] {
  return sortedOrNone(roleIds.filter((id) => governed.roleIds.has(id) && !entitled.has(id)))
}

function missingOf({ roleIds }: Member, entitled: ReadonlySet<Id>): readonly Id[] {
  if (entitled.size === 0) return NO_ROLES
  return sortedOrNone([...entitled].filter((id) => !roleIds.includes(id)))
}

/** Most members have nothing in excess and nothing missing: they share one empty list. */
function sortedOrNone(ids: readonly Id[]): readonly Id[] {
  if (ids.length > 1) return sortedIds(ids)
  return ids.length === 0 ? NO_ROLES : ids
}
