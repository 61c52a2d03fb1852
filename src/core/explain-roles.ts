import type { FullFacts } from './facts.ts'
import type { Governed, Spared } from './governed.ts'
import type { Id, Identity } from './model.ts'
import { sortedIds } from './order.ts'
import type { Scope } from './scope.ts'

export interface RoleLine {
  readonly roleId: Id
  /** The id again where the guild has no such role any more. */
  readonly name: string
  readonly held: boolean
  readonly entitled: boolean
  readonly governed: boolean
  /** Whether it ranks below the bot's highest role. */
  readonly reachable: boolean
  /** `group Pilots`, `state Member`: what of the member's own earns it; empty without access. */
  readonly earnedBy: readonly string[]
  /** Null for a governed role. */
  readonly ungovernedBecause: string | null
}

const SPARED: Record<Spared, string> = {
  everyone: 'everybody holds it',
  managed: 'Discord manages it itself',
  exception: 'it is among the role exceptions',
  reserved: 'its name is reserved by the identity source',
}

export function explainRoles(facts: FullFacts, scope: Scope): readonly RoleLine[] {
  const ids = sortedIds([...facts.member.roleIds, ...facts.entitled])
  const lines = ids.map((id) => lineOf(id, facts, scope))
  return [...lines.filter(({ governed }) => governed), ...lines.filter(({ governed }) => !governed)]
}

function lineOf(roleId: Id, { member, entitled, identity, access }: FullFacts, scope: Scope): RoleLine {
  const governed = scope.governed.roleIds.has(roleId)
  return {
    roleId,
    name: scope.roles.get(roleId)?.name ?? roleId,
    held: member.roleIds.includes(roleId),
    entitled: entitled.has(roleId),
    governed,
    reachable: scope.reach.roleIds.has(roleId),
    earnedBy: identity !== null && access ? earnedBy(roleId, identity, scope.governed) : [],
    ungovernedBecause: governed ? null : ungovernedBecause(roleId, scope),
  }
}

function earnedBy(roleId: Id, { groups, state }: Identity, { byGroup, byState }: Governed): readonly string[] {
  const earning = [...new Set(groups)].filter((group) => byGroup.get(group)?.includes(roleId))
  const lines = earning.map((group) => `group ${group}`)
  return state !== null && byState.get(state)?.includes(roleId) ? [...lines, `state ${state}`] : lines
}

function ungovernedBecause(roleId: Id, { governed, roles }: Scope): string {
  if (!roles.has(roleId)) return 'the guild has no such role any more'
  const spared = governed.spared.get(roleId)
  return spared === undefined ? 'no group or state maps to it' : SPARED[spared]
}
