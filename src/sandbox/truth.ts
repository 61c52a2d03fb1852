import { AuditLog } from './audit.ts'
import { type MemberRecord, Members } from './members.ts'
import type { ChannelRecord, Json } from './payloads.ts'
import { memberText, toChannel, toGuild, toMember } from './payloads.ts'
import {
  channelPermissionsOf,
  highestRole,
  type PermissionName,
  permissionBits,
  permissionsOf,
  type RoleRecord,
} from './permissions.ts'
import type { GuildPlan, MemberPlan, RolePlan } from './plan.ts'
import { sampleMembers } from './sample.ts'
import type { Id } from './snowflake.ts'
import { isSnowflake } from './snowflake.ts'
import type { Surroundings } from './surroundings.ts'

/** What an ordinary bot invite grants, and what everyone may do in a fresh guild. */
const BOT_PERMISSIONS: readonly PermissionName[] = [
  'KICK_MEMBERS',
  'VIEW_AUDIT_LOG',
  'VIEW_CHANNEL',
  'SEND_MESSAGES',
  'EMBED_LINKS',
  'ATTACH_FILES',
  'MANAGE_ROLES',
]
const EVERYONE_PERMISSIONS: readonly PermissionName[] = [
  'VIEW_CHANNEL',
  'SEND_MESSAGES',
  'READ_MESSAGE_HISTORY',
  'USE_APPLICATION_COMMANDS',
]

/** How things really stand in one guild: what tests compare the bot's beliefs with. Reads only; `Guild` adds what changes it. */
export class GuildTruth {
  readonly id: Id
  name: string
  ownerId: Id
  readonly mfaLevel: 0 | 1
  readonly locale: string
  readonly roles = new Map<Id, RoleRecord>()
  readonly members: Members
  readonly channels: ChannelRecord[]
  readonly audit = new AuditLog()
  /** The bot's own role, made by its invitation. */
  readonly botRoleId: Id
  /** True while Discord says that the guild cannot be reached. */
  unavailable = false
  /** People who left, so that the audit log can still name them. */
  readonly departed = new Map<Id, MemberRecord>()
  protected readonly around: Surroundings
  protected deletedRoles = new Set<Id>()

  constructor(plan: GuildPlan, around: Surroundings) {
    this.around = around
    this.id = plan.id ?? around.ids.nextApart()
    this.name = plan.name
    this.mfaLevel = plan.mfaLevel ?? 0
    this.locale = plan.locale ?? 'en-US'
    this.channels = (plan.channels ?? ['general', 'staff']).map((name, position) => ({
      id: around.ids.next(),
      name,
      position,
      overwrites: [],
    }))
    this.#addRoles(plan.roles ?? [])
    const people = plan.members ?? []
    const listed: readonly MemberPlan[] =
      typeof people === 'number' ? sampleMembers(people, 1) : 'idAt' in people ? [] : people
    this.members = new Members(typeof people === 'object' && 'idAt' in people ? people : undefined)
    for (const member of listed) this.members.put(this.toRecord(member))
    this.ownerId = this.#addOwner(plan.ownerId)
    this.botRoleId = this.#addBot(plan)
  }

  /** A role by its id or, of several with that name the first, its exact name. Throws where there is none. */
  role(idOrName: string): RoleRecord {
    const found = this.roles.get(idOrName) ?? [...this.roles.values()].find(({ name }) => name === idOrName)
    if (!found) throw new Error(`The guild ${this.name} has no role ${idOrName}`)
    return found
  }

  member(id: Id): MemberRecord | undefined {
    return this.members.get(id)
  }

  get memberCount(): number {
    return this.members.size
  }

  get bot(): MemberRecord {
    return this.members.get(this.around.application.botUserId)!
  }

  /** Whether the member holds the role, by id or name. */
  holds(memberId: Id, role: string): boolean {
    return this.members.get(memberId)?.roles.includes(this.role(role).id) ?? false
  }

  permissionsOf(member: MemberRecord): bigint {
    return permissionsOf(this, member)
  }

  /** In one channel; nothing where the channel is no more. */
  permissionsIn(channelId: Id, member: MemberRecord): bigint {
    const channel = this.channels.find(({ id }) => id === channelId)
    return channel ? channelPermissionsOf(this, member, channel.overwrites) : 0n
  }

  /** A channel by its id or, of several with that name the first, its name. Throws where there is none. */
  channel(idOrName: string): ChannelRecord {
    const found = this.channels.find(({ id }) => id === idOrName) ?? this.channels.find(({ name }) => name === idOrName)
    if (!found) throw new Error(`The guild ${this.name} has no channel ${idOrName}`)
    return found
  }

  highestRole(member: MemberRecord): RoleRecord {
    return highestRole(this, member)
  }

  /** The member as this server writes them. */
  toMember(record: MemberRecord): Json {
    return toMember(record, this.shownRoles(record))
  }

  /** The same, written out. */
  memberText(record: MemberRecord): string {
    return memberText(record, this.shownRoles(record))
  }

  shownRoles(record: MemberRecord): readonly Id[] {
    const { slips, oddities } = this.around
    const hides = this.deletedRoles.size > 0 && !oddities.deletedRoleIds
    const roles = hides ? record.roles.filter((id) => !this.deletedRoles.has(id)) : record.roles
    return slips.rolesWithGuildId ? [this.id, ...roles] : roles
  }

  /** How many hold each role that exists; @everyone is left out, as Discord does. */
  roleCounts(): Record<Id, number> {
    const counts = this.members.roleCounts()
    const shown: Record<Id, number> = {}
    for (const id of this.roles.keys()) if (id !== this.id) shown[id] = counts.get(id) ?? 0
    return shown
  }

  /** The body of GUILD_CREATE. Without the presence intent only the bot is in its member list. */
  toGuildCreate(shown: readonly MemberRecord[], largeThreshold: number): Json {
    return {
      ...toGuild(this),
      joined_at: new Date(this.bot.joinedAt).toISOString(),
      large: this.memberCount > largeThreshold,
      unavailable: false,
      member_count: this.memberCount,
      voice_states: [],
      members: shown.map((member) => this.toMember(member)),
      channels: this.channels.map((channel) => toChannel(channel, this.id)),
      threads: [],
      presences: [],
      stage_instances: [],
      guild_scheduled_events: [],
      soundboard_sounds: [],
    }
  }

  protected toRecord(plan: MemberPlan): MemberRecord {
    return {
      id: plan.id ?? this.around.ids.next(),
      username: plan.username,
      globalName: plan.globalName ?? null,
      nick: plan.nick ?? null,
      roles: (plan.roles ?? []).map((role) => this.roleId(role)),
      joinedAt: plan.joinedAt ?? this.around.clock.now(),
      bot: plan.bot ?? false,
      pending: plan.pending ?? false,
    }
  }

  protected toRole(plan: RolePlan, position: number): RoleRecord {
    return {
      id: plan.id ?? this.around.ids.next(),
      name: plan.name,
      position: plan.position ?? position,
      permissions: bitsOf(plan.permissions ?? []),
      managed: plan.managed ?? false,
      color: plan.color ?? 0,
      hoist: false,
      mentionable: false,
      tags: plan.tags ?? null,
    }
  }

  #addRoles(plans: readonly (string | RolePlan)[]): void {
    this.roles.set(this.id, this.toRole({ name: '@everyone', id: this.id, permissions: EVERYONE_PERMISSIONS }, 0))
    plans.forEach((plan, index) => {
      const role = this.toRole(typeof plan === 'string' ? { name: plan } : plan, index + 1)
      this.roles.set(role.id, role)
    })
  }

  #addOwner(ownerId: Id | undefined): Id {
    const id = ownerId ?? this.around.ids.next()
    if (!this.members.get(id)) this.members.put(this.toRecord({ id, username: 'owner', globalName: 'The Owner' }))
    return id
  }

  #addBot(plan: GuildPlan): Id {
    const { application } = this.around
    const top = Math.max(0, ...[...this.roles.values()].map(({ position }) => position))
    const own: RolePlan = {
      name: application.botName,
      permissions: plan.botPermissions ?? BOT_PERMISSIONS,
      managed: true,
      tags: { bot_id: application.botUserId },
    }
    const role = this.toRole(own, plan.botPosition ?? top + 1)
    this.roles.set(role.id, role)
    const roles = [role.id, ...(plan.botRoles ?? [])]
    this.members.put(this.toRecord({ id: application.botUserId, username: application.botName, bot: true, roles }))
    return role.id
  }

  protected roleId(idOrName: string): Id {
    const known = this.roles.get(idOrName) ?? [...this.roles.values()].find(({ name }) => name === idOrName)
    if (known) return known.id
    if (isSnowflake(idOrName)) return idOrName
    throw new Error(`The guild ${this.name} has no role ${idOrName}`)
  }
}

export function bitsOf(permissions: readonly PermissionName[] | bigint): bigint {
  return typeof permissions === 'bigint' ? permissions : permissionBits(permissions)
}
