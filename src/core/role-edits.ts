import type { MemberColumns } from './columns.ts'
import type { DirectoryNames } from './directory.ts'
import { governedRoles } from './governed.ts'
import type { Guild, Id, Settings } from './model.ts'
import { compareNames } from './order.ts'
import { reachOf } from './reach.ts'

// What an edit of roles comes to: which roles the bot may take from people, and from whom. Compared before and after.

/** The roles that are governed and within the bot's reach, each with what earns it. */
export type RoleStanding = ReadonlyMap<Id, string>

export function roleStanding(guild: Guild, names: DirectoryNames, settings: Settings): RoleStanding {
  const { roleIds, byGroup, byState } = governedRoles(guild, names, settings)
  const reach = reachOf(guild)
  const earners = new Map<Id, string[]>([...roleIds].filter((id) => reach.roleIds.has(id)).map((id) => [id, []]))
  for (const [kind, byName] of [['group', byGroup] as const, ['state', byState] as const])
    for (const [name, ids] of byName) for (const id of ids) earners.get(id)?.push(`${kind}:${name}`)
  return new Map([...earners].map(([id, list]) => [id, JSON.stringify(list.sort(compareNames))]))
}

/** The roles about whose holders something else is true than before: newly governed, newly within reach, or earned by other names. */
export function rolesToReview(before: RoleStanding, now: RoleStanding): readonly Id[] {
  return [...now].filter(([id, earners]) => before.get(id) !== earners).map(([id]) => id)
}

/** Whether any member holds the role. */
export function isHeld({ count, words, roleIds }: MemberColumns, roleId: Id): boolean {
  const bit = roleIds.indexOf(roleId)
  const column = bit < 0 ? undefined : words[bit >>> 5]
  if (!column) return false
  for (let row = 0; row < count; row++) if ((column[row]! & (1 << (bit & 31))) !== 0) return true
  return false
}
