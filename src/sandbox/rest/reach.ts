import type { Guild } from '../guild.ts'
import type { MemberRecord } from '../members.ts'
import { compareRank, PERMISSION, type PermissionName, type RoleRecord } from '../permissions.ts'
import type { Id } from '../snowflake.ts'
import { fault } from './errors.ts'
import type { RestWorld } from './world.ts'

// What the bot may do, checked as Discord checks it. Each throws Discord's own refusal.

export function findGuild(world: RestWorld, id: Id): Guild {
  const guild = world.guilds.get(id)
  if (!guild) throw fault('unknownGuild')
  if (guild.unavailable) throw fault('serverError')
  return guild
}

export function findMember(guild: Guild, id: Id): MemberRecord {
  const member = guild.members.get(id)
  if (!member) throw fault('unknownMember')
  return member
}

/** Somebody who is in a guild of the bot's, or was. */
export function findPerson(world: RestWorld, id: Id): MemberRecord | undefined {
  for (const guild of world.guilds.values()) {
    const known = guild.members.get(id) ?? guild.departed.get(id)
    if (known) return known
  }
  return undefined
}

export function requirePermission(guild: Guild, name: PermissionName): void {
  if ((guild.permissionsOf(guild.bot) & PERMISSION[name]) === 0n) throw fault('missingPermissions')
}

/** A guild may ask that the bot's owner has a second factor for what is dangerous. */
export function requireSecondFactor({ application }: RestWorld, guild: Guild): void {
  if (guild.mfaLevel === 1 && !application.ownerHasSecondFactor) throw fault('secondFactorRequired')
}

/** The role exists, people may hand it out, and it ranks below the bot's highest. */
export function requireRoleInReach(guild: Guild, roleId: Id): RoleRecord {
  const role = guild.roles.get(roleId)
  if (!role) throw fault('unknownRole')
  if (role.id === guild.id) throw fault('invalidRole')
  if (role.managed || compareRank(role, guild.highestRole(guild.bot)) >= 0) throw fault('missingPermissions')
  return role
}

/** Kicks and nicknames reach only members whose highest role ranks below the bot's, and never the owner. */
export function requireMemberBelow(guild: Guild, member: MemberRecord): void {
  const below = compareRank(guild.highestRole(member), guild.highestRole(guild.bot)) < 0
  if (member.id === guild.ownerId || !below) throw fault('missingPermissions')
}
