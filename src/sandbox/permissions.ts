import type { MemberRecord } from './members.ts'
import { compareIds, type Id } from './snowflake.ts'

/** The permission bits that the sandbox looks at, as Discord numbers them. */
export const PERMISSION = {
  KICK_MEMBERS: 1n << 1n,
  BAN_MEMBERS: 1n << 2n,
  ADMINISTRATOR: 1n << 3n,
  MANAGE_CHANNELS: 1n << 4n,
  MANAGE_GUILD: 1n << 5n,
  VIEW_AUDIT_LOG: 1n << 7n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  EMBED_LINKS: 1n << 14n,
  ATTACH_FILES: 1n << 15n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  CHANGE_NICKNAME: 1n << 26n,
  MANAGE_NICKNAMES: 1n << 27n,
  MANAGE_ROLES: 1n << 28n,
  MANAGE_WEBHOOKS: 1n << 29n,
  USE_APPLICATION_COMMANDS: 1n << 31n,
  MODERATE_MEMBERS: 1n << 40n,
} as const

export type PermissionName = keyof typeof PERMISSION

const ALL_PERMISSIONS = Object.values(PERMISSION).reduce((all, bit) => all | bit, 0n)

export function permissionBits(names: readonly PermissionName[]): bigint {
  return names.reduce((bits, name) => bits | PERMISSION[name], 0n)
}

export interface RoleRecord {
  readonly id: Id
  readonly name: string
  readonly position: number
  readonly permissions: bigint
  readonly managed: boolean
  readonly color: number
  readonly hoist: boolean
  readonly mentionable: boolean
  /** A tag whose value is null means true: so says Discord. */
  readonly tags: Readonly<Record<string, Id | null>> | null
}

/** What a channel changes of the permissions of one role or member. */
export interface Overwrite {
  readonly id: string
  readonly kind: 'role' | 'member'
  readonly allow: bigint
  readonly deny: bigint
}

interface Ranked {
  readonly id: Id
  readonly ownerId: Id
  readonly roles: ReadonlyMap<Id, RoleRecord>
}

/** Everything a member may do in the guild: the owner and administrators all of it. */
export function permissionsOf(guild: Ranked, member: MemberRecord): bigint {
  if (member.id === guild.ownerId) return ALL_PERMISSIONS
  let bits = guild.roles.get(guild.id)?.permissions ?? 0n
  for (const id of member.roles) bits |= guild.roles.get(id)?.permissions ?? 0n
  return bits & PERMISSION.ADMINISTRATOR ? ALL_PERMISSIONS | bits : bits
}

/** The same in one channel, whose rules for everyone, for roles and for the member come on top, in this order. */
export function channelPermissionsOf(guild: Ranked, member: MemberRecord, rules: readonly Overwrite[]): bigint {
  const bits = permissionsOf(guild, member)
  if (bits & PERMISSION.ADMINISTRATOR) return bits
  const held = new Set(member.roles)
  const steps = [
    rules.filter(({ id }) => id === guild.id),
    rules.filter(({ id, kind }) => kind === 'role' && held.has(id)),
    rules.filter(({ id, kind }) => kind === 'member' && id === member.id),
  ]
  return steps.reduce((left, step) => {
    const denied = step.reduce((all, { deny }) => all | deny, 0n)
    return step.reduce((all, { allow }) => all | allow, left & ~denied)
  }, bits)
}

/** Positive where `a` ranks above `b`: the higher position; of equal ones the lower id. */
export function compareRank(a: RoleRecord, b: RoleRecord): number {
  return a.position - b.position || compareIds(b.id, a.id)
}

export function highestRole(guild: Ranked, member: MemberRecord): RoleRecord {
  let highest = guild.roles.get(guild.id)!
  for (const id of member.roles) {
    const role = guild.roles.get(id)
    if (role && compareRank(role, highest) > 0) highest = role
  }
  return highest
}
