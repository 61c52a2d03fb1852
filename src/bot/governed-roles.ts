import type { Source } from '#src/core/governed.ts'
import { governedRoles } from '#src/core/governed.ts'
import type { Id } from '#src/core/model.ts'
import { compareIds } from '#src/core/order.ts'
import { reachOf } from '#src/core/reach.ts'
import type { RoleStanding } from '#src/discord/command.ts'
import { knownGuild } from '#src/loop/facts.ts'
import type { World } from '#src/loop/world.ts'
import type { GuildPosts } from './posts.ts'

/** Governed roles with what earns them and who holds them, and the names that lead to no role. */
export async function governedIn(
  world: World,
  posts: GuildPosts,
  guildId: Id,
): Promise<{ readonly roles: readonly RoleStanding[]; readonly unmatched: readonly Source[] }> {
  const { guild } = knownGuild(world, guildId)
  const { names } = await world.directory(guildId).find([])
  const { roleIds, byGroup, byState, unmatched } = governedRoles(guild, names, await world.book.settings(guildId))
  const within = reachOf(guild).roleIds
  const roster = posts.keeper(guildId)?.roster
  const roles = [...roleIds].sort(compareIds).map((roleId) => ({
    roleId,
    earnedBy: [...earning('group', byGroup, roleId), ...earning('state', byState, roleId)],
    reachable: within.has(roleId),
    holders: roster?.holders(roleId) ?? 0,
  }))
  return { roles, unmatched }
}

const earning = (kind: Source['kind'], byName: ReadonlyMap<string, readonly Id[]>, roleId: Id): readonly Source[] =>
  [...byName].filter(([, ids]) => ids.includes(roleId)).map(([name]) => ({ kind, name }))
