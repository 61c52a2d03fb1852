import type { Guild, GuildMember, Role } from 'discord.js'
import type { Action, Finding, Gate, Identity, Invocation, Layer, PolicyAction, Settings } from '#src/core/model.ts'

// The policy as one would write it for a bot that keeps discord.js' own objects, without a thought of columns. It is the baseline of
// `decide.members_1m`, so it must come to the same findings, to the letter; the row asserts that.

/** What is known before the members are gone through: which roles are governed, and who claims whom. */
export interface PlainClaims {
  readonly governed: ReadonlySet<string>
  /** Group or state to the role that it earns. */
  readonly byName: ReadonlyMap<string, string>
  readonly claims: ReadonlyMap<string, readonly Identity[]>
}

export interface PlainOrders {
  readonly settings: Settings
  readonly invocation: Invocation
}

/** Groups and states earn the roles of their names. */
export function makePlainClaims(guild: Guild, names: readonly string[], identities: readonly Identity[]): PlainClaims {
  const known = new Set(names)
  const roles = [...guild.roles.cache.values()].filter(
    (role) => known.has(role.name) && !role.managed && role.id !== guild.id,
  )
  const byName = new Map(roles.map((role) => [role.name, role.id]))
  const claims = new Map<string, Identity[]>()
  for (const identity of identities) {
    for (const id of new Set(identity.discordIds)) claims.set(id, [...(claims.get(id) ?? []), identity])
  }
  return { governed: new Set(byName.values()), byName, claims }
}

function hasAccess({ active, superuser, access }: Identity): boolean {
  return active && (superuser || access)
}

function earnedBy({ state, groups }: Identity, byName: ReadonlyMap<string, string>): ReadonlySet<string> {
  const names = state === null ? groups : [state, ...groups]
  return new Set(names.flatMap((name) => byName.get(name) ?? []))
}

/** Goes through every member that discord.js holds. */
export function plainFindings(guild: Guild, known: PlainClaims, orders: PlainOrders): readonly Finding[] {
  const findings: Finding[] = []
  for (const member of guild.members.cache.values()) {
    const finding = judge(member, known, orders)
    if (finding !== null) findings.push(finding)
  }
  return findings
}

const NOTHING: ReadonlySet<string> = new Set()

function judge(member: GuildMember, known: PlainClaims, orders: PlainOrders): Finding | null {
  if (isBot(member, orders.settings)) return null
  const claims = known.claims.get(member.id) ?? []
  const identity = claims.length === 1 ? claims[0]! : null
  const access = identity !== null && hasAccess(identity)
  const entitled = access ? earnedBy(identity, known.byName) : NOTHING
  const held = member.roles.cache
  const excess = [...held.values()].filter((role) => known.governed.has(role.id) && !entitled.has(role.id))
  const missing = [...entitled].filter((id) => !held.has(id)).map((id) => member.guild.roles.cache.get(id)!)
  if (access && excess.length === 0 && missing.length === 0) return null
  const category = categoryOf(claims.length, access, excess.length > 0)
  return toFinding({ member, identity, category, excess, missing }, orders)
}

function isBot(member: GuildMember, settings: Settings): boolean {
  return member.user.bot || member.id === member.guild.client.user?.id || settings.botAccounts.includes(member.id)
}

function categoryOf(claims: number, access: boolean, excess: boolean): Finding['category'] {
  if (claims > 1) return 'identity_conflict'
  if (claims === 0) return 'unknown_guest'
  if (!access) return 'linked_no_perm'
  return excess ? 'role_drift' : 'missing_roles'
}

interface Plight {
  readonly member: GuildMember
  readonly identity: Identity | null
  readonly category: Finding['category']
  readonly excess: readonly Role[]
  readonly missing: readonly Role[]
}

function toFinding(plight: Plight, orders: PlainOrders): Finding {
  const { member, identity, category, excess, missing } = plight
  const { policyAction, decidedBy } = policyOf(plight, orders.settings)
  const removes = policyAction === 'strip' || policyAction === 'strip_kick'
  const wanted: Wanted = {
    kick: policyAction === 'strip_kick',
    remove: removes ? excess : [],
    add: orders.settings.policy.missing_roles === 'grant' ? missing : [],
  }
  const { gates, left } = passGates(member, wanted, orders)
  return {
    memberId: member.id,
    identityId: identity?.id ?? null,
    category,
    policyAction,
    decidedBy,
    gates: category === 'identity_conflict' ? ['identity_conflict'] : gates,
    effectiveAction: effectOf(left),
    kick: left.kick,
    removeRoles: sortedIds(left.remove),
    addRoles: sortedIds(left.add),
    excessRoles: sortedIds(excess),
    missingRoles: sortedIds(missing),
    unreachableRoles: sortedIds([...excess, ...missing].filter((role) => !isBelowBot(role))),
  }
}

const HARM: readonly Action[] = ['report', 'strip', 'strip_kick']

function policyOf(
  { member, identity, category }: Plight,
  { policy, overrides }: Settings,
): { readonly policyAction: PolicyAction; readonly decidedBy: Layer } {
  if (category === 'identity_conflict') return { policyAction: 'report', decidedBy: 'category' }
  if (category === 'missing_roles') return { policyAction: policy.missing_roles, decidedBy: 'default' }
  const rule = policy[category]
  const override = overrides.find(({ memberId }) => memberId === member.id)
  if (override) {
    const kicksForDrift = category === 'role_drift' && override.action === 'strip_kick'
    return { policyAction: kicksForDrift ? 'strip' : override.action, decidedBy: 'override' }
  }
  const ofGroups = (identity?.groups ?? []).flatMap((group) => rule.byGroup.get(group) ?? [])
  if (ofGroups.length > 0) {
    return { policyAction: HARM[Math.min(...ofGroups.map((action) => HARM.indexOf(action)))]!, decidedBy: 'by_group' }
  }
  const ofState = rule.byState.get(identity?.state ?? '')
  if (ofState !== undefined) return { policyAction: ofState, decidedBy: 'by_state' }
  return { policyAction: rule.default, decidedBy: 'default' }
}

interface Wanted {
  readonly kick: boolean
  readonly remove: readonly Role[]
  readonly add: readonly Role[]
}

const NONE: Wanted = { kick: false, remove: [], add: [] }

function passGates(member: GuildMember, wanted: Wanted, { settings, invocation }: PlainOrders) {
  const gates: Gate[] = []
  let left = wanted
  if (!wanted.kick && wanted.remove.length === 0 && wanted.add.length === 0) return { gates, left: NONE }
  const harms = wanted.kick || wanted.remove.length > 0
  if (harms && isProtected(member, settings)) {
    gates.push('protected_member')
    left = { kick: false, remove: [], add: left.add }
  }
  if (harms && member.id === member.guild.ownerId) {
    gates.push('guild_owner')
    left = { kick: false, remove: [], add: left.add }
  }
  const kickTooHigh = wanted.kick && !isBelowBot(member.roles.highest)
  if (kickTooHigh || [...wanted.remove, ...wanted.add].some((role) => !isBelowBot(role))) {
    gates.push('out_of_reach')
    left = {
      kick: left.kick && !kickTooHigh,
      remove: left.remove.filter(isBelowBot),
      add: left.add.filter(isBelowBot),
    }
  }
  if (invocation.action === 'report' || (invocation.action === 'strip' && wanted.kick)) {
    gates.push('action_ceiling')
    left = invocation.action === 'report' ? NONE : { ...left, kick: false }
  }
  if (!invocation.mayDestroy) gates.push('actor_not_permitted')
  if (!settings.acknowledged) gates.push('first_run_lock')
  return { gates, left: invocation.mayDestroy && settings.acknowledged ? left : NONE }
}

function isProtected(member: GuildMember, { protectedMembers, protectedRoles }: Settings): boolean {
  return protectedMembers.includes(member.id) || protectedRoles.some((id) => member.roles.cache.has(id))
}

function isBelowBot(role: Role): boolean {
  return role.comparePositionTo(role.guild.members.me!.roles.highest) < 0
}

function effectOf({ kick, remove, add }: Wanted): Finding['effectiveAction'] {
  if (kick) return 'strip_kick'
  if (remove.length > 0) return 'strip'
  return add.length > 0 ? 'grant' : 'report'
}

function sortedIds(roles: readonly Role[]): readonly string[] {
  return roles
    .map(({ id }) => id)
    .sort((a, b) => (a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length))
}
