import type { Crowd } from './members.ts'
import type { PermissionName } from './permissions.ts'
import type { Id } from './snowflake.ts'

// How a guild of the sandbox is described by whoever wants one.

export interface RolePlan {
  readonly name: string
  readonly id?: Id
  /** Without one, roles stand in the order given, the lowest first. */
  readonly position?: number
  readonly permissions?: readonly PermissionName[] | bigint
  readonly managed?: boolean
  readonly color?: number
  readonly tags?: Readonly<Record<string, Id | null>>
}

export interface MemberPlan {
  readonly username: string
  readonly id?: Id
  readonly globalName?: string | null
  readonly nick?: string | null
  /** Names or ids of roles. An id that the guild lacks is kept: Discord really sends such. */
  readonly roles?: readonly string[]
  readonly bot?: boolean
  /** Milliseconds since the epoch. */
  readonly joinedAt?: number
  readonly pending?: boolean
}

export interface GuildPlan {
  readonly name: string
  readonly id?: Id
  /** Where nobody in `members` has this id, an owner is made. */
  readonly ownerId?: Id
  readonly roles?: readonly (string | RolePlan)[]
  /** People one by one; a number of made-up people; or a crowd that is computed and never kept. */
  readonly members?: readonly MemberPlan[] | number | Crowd
  /** The position of the bot's own integration role; above every other role by default. */
  readonly botPosition?: number
  readonly botPermissions?: readonly PermissionName[] | bigint
  /** Further roles of the bot, by name or id. */
  readonly botRoles?: readonly string[]
  /** 1: what is dangerous needs a bot owner with a second factor. */
  readonly mfaLevel?: 0 | 1
  readonly locale?: string
  readonly channels?: readonly string[]
}
