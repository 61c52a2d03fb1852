import type { SandboxClock } from './clock.ts'
import type { Json } from './payloads.ts'
import type { Pulse } from './pulse.ts'
import type { Id, Snowflakes } from './snowflake.ts'

/** One gateway event on its way out. */
export interface Announcement {
  readonly t: string
  /** Null where the event belongs to no guild. */
  readonly guildId: Id | null
  readonly d: Json
  /** `d` written out already, where that was cheaper. */
  readonly text?: string
}

/** Small ways in which servers that speak Discord's protocol differ from Discord; all off is Discord. */
export interface Slips {
  /** Role arrays of members hold the guild's id, the @everyone role, too. */
  rolesWithGuildId: boolean
  /** GUILD_MEMBER_UPDATE carries `guild_id`, `user` and `roles` only. */
  bareMemberUpdates: boolean
  /** The answer to a member's PATCH has whole roles where Discord has ids. */
  roleObjectsInPatch: boolean
  /** The answer to a PUT of commands lacks their ids. */
  commandsWithoutIds: boolean
  /** Nothing is said about the audit log over the gateway. */
  noAuditEvents: boolean
}

export const NO_SLIPS: Slips = {
  rolesWithGuildId: false,
  bareMemberUpdates: false,
  roleObjectsInPatch: false,
  commandsWithoutIds: false,
  noAuditEvents: false,
}

export const ALL_SLIPS: Slips = {
  rolesWithGuildId: true,
  bareMemberUpdates: true,
  roleObjectsInPatch: true,
  commandsWithoutIds: true,
  noAuditEvents: true,
}

/** The one application that the sandbox knows. */
export interface Application {
  readonly id: Id
  readonly botUserId: Id
  readonly name: string
  readonly botName: string
  readonly ownerId: Id
  /** Without it the owner's bot may not do what is dangerous where a guild asks for a second factor. */
  ownerHasSecondFactor: boolean
  /** The privileged intents that are switched on in the developer portal. */
  readonly privileged: Set<'members' | 'presences' | 'content'>
  readonly tokens: Set<string>
}

/** What a guild needs of the sandbox around it. */
export interface Surroundings {
  readonly clock: SandboxClock
  readonly ids: Snowflakes
  readonly pulse: Pulse
  readonly application: Application
  readonly slips: Slips
  readonly oddities: Oddities
  announce(announcement: Announcement): void
}

/** Strange but real conduct of Discord, switched on where a test needs it. */
export interface Oddities {
  /** Members keep the ids of roles that were deleted. */
  deletedRoleIds: boolean
  /** The audit-log entry is announced before the member event; Discord promises no order. */
  auditFirst: boolean
  /** Ms on the sandbox's clock after which the audit log has an entry and tells of it; `Infinity`: never. */
  auditDelay: number
}
