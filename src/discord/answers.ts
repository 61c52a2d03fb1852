import type { Id, Member, Role } from '#src/core/model.ts'
import { DiscordFault } from './faults.ts'

// Discord's JSON as the core's nouns. Only what the core needs is read, and small differences between servers that speak Discord's
// language are shrugged off; what is missing altogether is a fault, since silence is not absence.

type Part = Readonly<Record<string, unknown>>

export function toMember(raw: unknown, guildId: Id): Member {
  const member = partOf(raw, 'a member')
  const user = partOf(member.user, "a member's user")
  return {
    id: idOf(user.id, "a user's id"),
    bot: user.bot === true,
    roleIds: toRoleIds(member.roles, guildId),
    joinedAt: toTime(member.joined_at),
  }
}

/** Null where Discord does not say, as of guests who are here for a voice channel. */
function toTime(raw: unknown): number | null {
  const time = typeof raw === 'string' ? Date.parse(raw) : Number.NaN
  return Number.isNaN(time) ? null : time
}

/** Some servers list @everyone (the guild's own id) too, name a role twice, or give whole roles where Discord gives ids. */
function toRoleIds(raw: unknown, guildId: Id): readonly Id[] {
  const ids = listOf(raw, "a member's roles").map((role) =>
    idOf(typeof role === 'object' && role ? (role as Part).id : role, "a role's id"),
  )
  return [...new Set(ids)].filter((id) => id !== guildId)
}

export interface RoleWithPermissions extends Role {
  readonly permissions: bigint
}

/** A role with tags belongs to an integration, to boosting or to linked accounts, even where the `managed` flag does not say so. */
export function toRole(raw: unknown): RoleWithPermissions {
  const role = partOf(raw, 'a role')
  return {
    id: idOf(role.id, "a role's id"),
    name: typeof role.name === 'string' ? role.name : '',
    position: typeof role.position === 'number' ? role.position : 0,
    managed: role.managed === true || isTagged(role.tags),
    permissions: /^\d+$/.test(String(role.permissions)) ? BigInt(String(role.permissions)) : 0n,
  }
}

/** A tag whose value is null means yes, so that its name alone counts. */
const isTagged = (tags: unknown): boolean => typeof tags === 'object' && tags !== null && Object.keys(tags).length > 0

export function partOf(raw: unknown, what: string): Part {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw misunderstood(what)
  return raw as Part
}

export function listOf(raw: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(raw)) throw misunderstood(what)
  return raw
}

export function idOf(raw: unknown, what: string): Id {
  if (typeof raw !== 'string' || !/^\d{1,20}$/.test(raw)) throw misunderstood(what)
  return raw
}

const misunderstood = (what: string) =>
  new DiscordFault(
    'answer',
    `Discord's answer cannot be read: ${what} is missing or has another form than expected. If DISCORD_API_URL is set, check that it points to a Discord-compatible server.`,
  )
