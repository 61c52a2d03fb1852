import { type Facts, factsOf } from './facts.ts'
import type { Source } from './governed.ts'
import type { Id, Identity, Verdict } from './model.ts'
import type { Scope } from './scope.ts'

/** The smallest change that would turn a verdict. Made by people: the bot only says what it would be. */
export type Change =
  /** The person links this Discord account in the identity database. */
  | { readonly kind: 'link_account' }
  | { readonly kind: 'activate'; readonly identityId: string }
  | { readonly kind: 'give_access'; readonly identityId: string }
  | { readonly kind: 'activate_and_give_access'; readonly identityId: string }
  /** All but one of these identities let go of the Discord id. */
  | { readonly kind: 'resolve_conflict'; readonly identityIds: readonly string[] }
  /** Any one of these names alone would earn what is in excess; a state takes the place of the one they have. */
  | {
      readonly kind: 'join'
      readonly identityId: string
      readonly roleIds: readonly Id[]
      readonly names: readonly Source[]
    }
  | { readonly kind: 'take_role'; readonly roleIds: readonly Id[] }
  | { readonly kind: 'give_role'; readonly roleIds: readonly Id[] }
  /** In order until this name is lost; then these roles are in excess. */
  | { readonly kind: 'lose'; readonly identityId: string; readonly name: Source; readonly roleIds: readonly Id[] }
  /** In order until access is lost: each role is earned twice, or none is held. */
  | { readonly kind: 'lose_access'; readonly identityId: string }

export function turningChange(facts: Facts, verdict: Verdict, scope: Scope): Change | null {
  const category = verdict.kind === 'quiet' ? verdict.category : verdict.finding.category
  switch (category) {
    case 'bot_filtered':
      return null
    case 'identity_conflict':
      return { kind: 'resolve_conflict', identityIds: facts.claims.map(({ id }) => id) }
    case 'unknown_guest':
      return { kind: 'link_account' }
    case 'linked_no_perm':
      return letIn(facts.identity!)
    case 'role_drift':
      return mend(facts, facts.identity!, scope)
    case 'missing_roles':
      return { kind: 'give_role', roleIds: facts.missing }
    case 'in_order':
      return spoil(facts, facts.identity!, scope)
  }
}

function letIn({ id, active, superuser, access }: Identity): Change {
  if (active) return { kind: 'give_access', identityId: id }
  return { kind: superuser || access ? 'activate' : 'activate_and_give_access', identityId: id }
}

function mend(facts: Facts, identity: Identity, scope: Scope): Change {
  const names = candidates(facts.excess[0]!, identity, scope).filter((name) => {
    return factsOf(facts.member, [having(identity, name)], scope).excess.length === 0
  })
  if (names.length === 0) return { kind: 'take_role', roleIds: facts.excess }
  return { kind: 'join', identityId: identity.id, roleIds: facts.excess, names }
}

/** The names that would earn one role: those for several must earn this one too. */
function candidates(roleId: Id, { groups, state }: Identity, { governed }: Scope): readonly Source[] {
  const earning = (names: ReadonlyMap<string, readonly Id[]>) =>
    [...names].filter(([, ids]) => ids.includes(roleId)).map(([name]) => name)
  const joinable = earning(governed.byGroup).filter((name) => !groups.includes(name))
  const states = earning(governed.byState).filter((name) => name !== state)
  return [
    ...joinable.map((name) => ({ kind: 'group' as const, name })),
    ...states.map((name) => ({ kind: 'state' as const, name })),
  ]
}

function spoil(facts: Facts, identity: Identity, scope: Scope): Change {
  for (const name of namesOf(identity)) {
    const { excess } = factsOf(facts.member, [lacking(identity, name)], scope)
    if (excess.length > 0) return { kind: 'lose', identityId: identity.id, name, roleIds: excess }
  }
  return { kind: 'lose_access', identityId: identity.id }
}

function namesOf({ groups, state }: Identity): readonly Source[] {
  const joined = [...new Set(groups)].map((name) => ({ kind: 'group' as const, name }))
  return state === null ? joined : [...joined, { kind: 'state', name: state }]
}

function having(identity: Identity, { kind, name }: Source): Identity {
  return kind === 'group' ? { ...identity, groups: [...identity.groups, name] } : { ...identity, state: name }
}

function lacking(identity: Identity, { kind, name }: Source): Identity {
  return kind === 'group'
    ? { ...identity, groups: identity.groups.filter((group) => group !== name) }
    : { ...identity, state: null }
}
