import type { DirectoryNames } from './directory.ts'
import type { Guild, Id, Role, Settings } from './model.ts'
import { cutCodePoints } from './text.ts'

/** A group or a state of the identity database: what a role can be earned by. */
export interface Source {
  readonly kind: 'group' | 'state'
  readonly name: string
}

/** Why the bot keeps its hands off a role although a name maps to it. */
export type Spared = 'everyone' | 'managed' | 'exception' | 'reserved'

/** Which roles the identity database decides, and by which names. */
export interface Governed {
  readonly roleIds: ReadonlySet<Id>
  /** Every group of the source is a key; the lists hold governed roles alone. */
  readonly byGroup: ReadonlyMap<string, readonly Id[]>
  readonly byState: ReadonlyMap<string, readonly Id[]>
  readonly spared: ReadonlyMap<Id, Spared>
  /** Names that map to no role of the guild; without effect, but somebody may have misspelt one. */
  readonly unmatched: readonly Source[]
}

/** Discord's bound on role names: the role of a longer group bears as much of its name as fits. */
const ROLE_NAME_MAX = 100

/** The policy, section 2. */
export function governedRoles(guild: Guild, names: DirectoryNames, settings: Settings): Governed {
  const spared = sparedRoles(guild, names, settings)
  const known = new Set(guild.roles.map((role) => role.id))
  const byName = rolesByName(guild.roles)
  const unmatched: Source[] = []
  const mapAll = (kind: Source['kind'], list: readonly string[], explicit: ReadonlyMap<string, readonly Id[]>) => {
    const earns = new Map<string, readonly Id[]>()
    for (const name of list) {
      const mapped = explicit.get(name)?.filter((id) => known.has(id)) ?? byName.get(roleNameOf(name)) ?? []
      if (mapped.length === 0) unmatched.push({ kind, name })
      earns.set(
        name,
        [...new Set(mapped)].filter((id) => !spared.has(id)),
      )
    }
    return earns
  }
  const byGroup = mapAll('group', names.groups, settings.roleMap.groups)
  const byState = mapAll('state', names.states, settings.roleMap.states)
  const roleIds = new Set([...byGroup.values(), ...byState.values()].flat())
  return { roleIds, byGroup, byState, spared, unmatched }
}

/** The name that a role for this group or state bears. */
function roleNameOf(name: string): string {
  return cutCodePoints(name, ROLE_NAME_MAX)
}

function rolesByName(roles: readonly Role[]): ReadonlyMap<string, readonly Id[]> {
  const byName = new Map<string, Id[]>()
  for (const role of roles) {
    const namesakes = byName.get(role.name)
    if (namesakes) namesakes.push(role.id)
    else byName.set(role.name, [role.id])
  }
  return byName
}

function sparedRoles(guild: Guild, names: DirectoryNames, settings: Settings): ReadonlyMap<Id, Spared> {
  const reserved = new Set(names.reservedNames.map((name) => roleNameOf(name).toLowerCase()))
  const exceptions = new Set(settings.roleExceptions)
  const spared = new Map<Id, Spared>()
  for (const role of guild.roles) {
    if (role.id === guild.id) spared.set(role.id, 'everyone')
    else if (role.managed) spared.set(role.id, 'managed')
    else if (exceptions.has(role.id) || exceptions.has(role.name)) spared.set(role.id, 'exception')
    else if (reserved.has(role.name.toLowerCase())) spared.set(role.id, 'reserved')
  }
  return spared
}
