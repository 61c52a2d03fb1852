import { isId } from '#src/core/ids.ts'
import type { Id, Role } from '#src/core/model.ts'

// What a dispatch says, in our words. The shapes come from outside: each reader answers null for what it cannot use, and none throws.
// A missing name or position is shrugged off, since servers other than Discord leave some out; a missing id is not.

type Fields = Readonly<Record<string, unknown>>

export interface ReadMember {
  /** A string; whether it is an id, and the roles too, the columns find out faster than a check here would. */
  readonly id: Id
  /** Undefined where the payload does not say; Discord leaves the flag out for people. */
  readonly bot: boolean | undefined
  readonly roleIds: readonly unknown[]
}

export interface ReadGuild {
  readonly id: Id
  readonly unavailable: boolean
  readonly name: string | null
  readonly ownerId: Id | null
  /** Undefined where the payload is silent of them; null where what it says cannot be read. */
  readonly roles: readonly Role[] | null | undefined
  readonly members: readonly unknown[]
  readonly memberCount: number
}

export interface ReadChunk {
  readonly nonce: string | null
  readonly index: number
  readonly count: number
  readonly members: readonly unknown[]
}

export interface ReadRateLimit {
  readonly guildId: Id
  readonly nonce: string | null
  readonly retryAfterMs: number
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

/** The guild that a dispatch speaks of, by the field that this kind of dispatch has for it. */
export function readGuildId(d: unknown): Id | null {
  if (!isFields(d)) return null
  const id = d.guild_id ?? d.id
  return isId(id) ? id : null
}

export function readMember(value: unknown): ReadMember | null {
  if (!isFields(value) || !isFields(value.user) || !Array.isArray(value.roles)) return null
  const { id, bot } = value.user
  if (typeof id !== 'string') return null
  return { id, bot: typeof bot === 'boolean' ? bot : undefined, roleIds: value.roles }
}

/** Whose member this is, of a payload that need not say more. */
export function readMemberId(value: unknown): Id | null {
  if (!isFields(value) || !isFields(value.user)) return null
  const { id } = value.user
  return isId(id) ? id : null
}

/** The role of a role event. */
export function readRoleOf(value: unknown): Role | null {
  return isFields(value) ? readRole(value.role) : null
}

/** A role with tags belongs to an integration, to boosting or to linked accounts, even where the `managed` flag does not say so. */
function readRole(value: unknown): Role | null {
  if (!isFields(value) || !isId(value.id)) return null
  const { id, name, position, managed, tags } = value
  const tagged = isFields(tags) && Object.keys(tags).length > 0
  return {
    id,
    name: typeof name === 'string' ? name : '',
    position: typeof position === 'number' ? position : 0,
    managed: managed === true || tagged,
  }
}

export function readRoleId(value: unknown): Id | null {
  return isFields(value) && isId(value.role_id) ? value.role_id : null
}

/** Null where one of them cannot be read: half a list of roles is none. */
function readRoles(value: unknown): readonly Role[] | null {
  if (!Array.isArray(value)) return null
  const roles = value.map(readRole)
  return roles.every((role) => role !== null) ? roles : null
}

export function readGuild(value: unknown): ReadGuild | null {
  if (!isFields(value) || !isId(value.id)) return null
  const { id, unavailable, name, owner_id: ownerId, members, member_count: memberCount } = value
  return {
    id,
    unavailable: unavailable === true,
    name: typeof name === 'string' ? name : null,
    ownerId: isId(ownerId) ? ownerId : null,
    roles: value.roles === undefined ? undefined : readRoles(value.roles),
    members: Array.isArray(members) ? members : [],
    memberCount: isCount(memberCount) ? memberCount : 0,
  }
}

export function readChunk(value: unknown): ReadChunk | null {
  if (!isFields(value) || !Array.isArray(value.members)) return null
  const { nonce, chunk_index: index, chunk_count: count, members } = value
  if (!isCount(index) || !isCount(count) || index >= count) return null
  return { nonce: typeof nonce === 'string' ? nonce : null, index, count, members }
}

export function readRateLimit(value: unknown): ReadRateLimit | null {
  if (!isFields(value) || value.opcode !== 8 || !isFields(value.meta)) return null
  const { guild_id: guildId, nonce } = value.meta
  const seconds = value.retry_after
  if (!isId(guildId) || typeof seconds !== 'number' || !(seconds >= 0)) return null
  return { guildId, nonce: typeof nonce === 'string' ? nonce : null, retryAfterMs: Math.ceil(seconds * 1000) }
}

/** Role id to holders. Null where one of the numbers is none: a count half understood would be a false alarm. */
export function readCounts(value: unknown): Readonly<Record<string, number>> | null {
  if (!isFields(value) || !Object.values(value).every(isCount)) return null
  return value as Readonly<Record<string, number>>
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
