import { AUDIT, type AuditChange, type AuditEntry, roleChange } from './audit.ts'
import type { CommandRequest, Interaction, MenuRequest, PostPress, TypingRequest } from './interaction.ts'
import type { MemberRecord } from './members.ts'
import { type Json, toChannel, toGuild, toRole, toUser } from './payloads.ts'
import type { PermissionName, RoleRecord } from './permissions.ts'
import type { GuildPlan, MemberPlan, RolePlan } from './plan.ts'
import type { Id } from './snowflake.ts'
import type { Surroundings } from './surroundings.ts'
import { bitsOf, GuildTruth } from './truth.ts'

/** Who does something, and what is said of it. */
export interface Deed {
  /** The guild's owner by default. */
  readonly by?: Id
  /** Shown in the audit log. */
  readonly reason?: string | undefined
  /** The change happens and nobody is told: neither an event nor an audit-log entry. */
  readonly silent?: boolean
}

/** How people in a guild ask something of the bot; fitted in by the sandbox. */
export interface Asking {
  command(guild: Guild, request: CommandRequest): Promise<Interaction>
  complete(guild: Guild, request: TypingRequest): Promise<Interaction>
  menu(guild: Guild, request: MenuRequest): Promise<Interaction>
  press(guild: Guild, request: PostPress): Promise<Interaction>
}

export interface OverwritePlan {
  /** A role or a member, by id. */
  readonly of?: Id
  readonly allow?: readonly PermissionName[]
  readonly deny?: readonly PermissionName[]
}

/** How many of those who left are remembered by name. */
const DEPARTED = 10_000

/** A guild, and everything that other people, other bots or the bot itself can do in it: the truth changes, events and the audit log follow. */
export class Guild extends GuildTruth {
  readonly #asking: Asking

  constructor(plan: GuildPlan, around: Surroundings, asking: Asking) {
    super(plan, around)
    this.#asking = asking
  }

  give(memberId: Id, role: string, deed: Deed = {}): void {
    const member = this.#memberOrThrow(memberId)
    const { id } = this.role(role)
    if (!member.roles.includes(id)) this.setRoles(memberId, [...member.roles, id], deed)
  }

  take(memberId: Id, role: string, deed: Deed = {}): void {
    const member = this.#memberOrThrow(memberId)
    const { id } = this.role(role)
    if (member.roles.includes(id))
      this.setRoles(
        memberId,
        member.roles.filter((held) => held !== id),
        deed,
      )
  }

  /** Replaces the whole list. One event and one audit-log entry, as for a PATCH; another order of the same roles makes an event alone. */
  setRoles(memberId: Id, roles: readonly string[], deed: Deed = {}): void {
    const before = this.#memberOrThrow(memberId)
    const after = { ...before, roles: roles.map((role) => this.roleId(role)) }
    if (before.roles.join() === after.roles.join()) return
    this.members.put(after)
    const changes = this.#roleChanges(before.roles, after.roles)
    const record = () => changes.length > 0 && this.#audit(AUDIT.MEMBER_ROLE_UPDATE, memberId, deed, changes)
    this.#inOrder(deed, () => this.#sayMember(after), record)
  }

  /** Nickname, username and so on. */
  editMember(
    memberId: Id,
    edit: Partial<Pick<MemberRecord, 'nick' | 'username' | 'globalName' | 'pending'>>,
    deed: Deed = {},
  ): void {
    const before = this.#memberOrThrow(memberId)
    const after = { ...before, ...edit }
    this.members.put(after)
    const changes = before.nick === after.nick ? [] : [{ key: 'nick', old_value: before.nick, new_value: after.nick }]
    const record = () =>
      changes.length > 0 && this.#audit(AUDIT.MEMBER_UPDATE, memberId, { by: memberId, ...deed }, changes)
    this.#inOrder(deed, () => this.#sayMember(after), record)
  }

  rename(memberId: Id, nick: string | null, deed: Deed = {}): void {
    this.editMember(memberId, { nick }, deed)
  }

  /** The event comes for members that are already there, too: so does Discord's. */
  join(plan: MemberPlan, deed: Deed = {}): MemberRecord {
    const record = this.toRecord(plan)
    this.members.put(record)
    this.#inOrder(deed, () => this.#say('GUILD_MEMBER_ADD', { ...this.toMember(record), guild_id: this.id }))
    return record
  }

  leave(memberId: Id, deed: Deed = {}): void {
    this.#go(memberId, deed)
  }

  kick(memberId: Id, deed: Deed = {}): void {
    this.#go(memberId, deed, () => this.#audit(AUDIT.MEMBER_KICK, memberId, deed, []))
  }

  ban(memberId: Id, deed: Deed = {}): void {
    const user = toUser(this.#memberOrThrow(memberId))
    this.#go(memberId, deed, () => {
      this.#say('GUILD_BAN_ADD', { guild_id: this.id, user })
      this.#audit(AUDIT.MEMBER_BAN_ADD, memberId, deed, [])
    })
  }

  createRole(plan: RolePlan, deed: Deed = {}): RoleRecord {
    const role = this.toRole(plan, 1)
    this.roles.set(role.id, role)
    this.deletedRoles.delete(role.id)
    const record = () => this.#audit(AUDIT.ROLE_CREATE, role.id, deed, [{ key: 'name', new_value: role.name }])
    this.#inOrder(deed, () => this.#say('GUILD_ROLE_CREATE', { guild_id: this.id, role: toRole(role) }), record)
    return role
  }

  editRole(idOrName: string, edit: Partial<Omit<RolePlan, 'id'>>, deed: Deed = {}): RoleRecord {
    const before = this.role(idOrName)
    const permissions = edit.permissions === undefined ? before.permissions : bitsOf(edit.permissions)
    const role: RoleRecord = { ...before, ...edit, permissions, tags: edit.tags ?? before.tags }
    this.roles.set(role.id, role)
    const change = { key: 'name', old_value: before.name, new_value: role.name }
    const record = () => this.#audit(AUDIT.ROLE_UPDATE, role.id, deed, before.name === role.name ? [] : [change])
    this.#inOrder(deed, () => this.#say('GUILD_ROLE_UPDATE', { guild_id: this.id, role: toRole(role) }), record)
    return role
  }

  moveRole(idOrName: string, position: number, deed: Deed = {}): RoleRecord {
    return this.editRole(idOrName, { position }, deed)
  }

  /** Discord says nothing about the members who held it; see `faults.oddities.deletedRoleIds`. */
  deleteRole(idOrName: string, deed: Deed = {}): void {
    const { id, name } = this.role(idOrName)
    this.roles.delete(id)
    this.deletedRoles.add(id)
    const record = () => this.#audit(AUDIT.ROLE_DELETE, id, deed, [{ key: 'name', old_value: name }])
    this.#inOrder(deed, () => this.#say('GUILD_ROLE_DELETE', { guild_id: this.id, role_id: id }), record)
  }

  edit(edit: { readonly name?: string; readonly ownerId?: Id }, deed: Deed = {}): void {
    this.name = edit.name ?? this.name
    this.ownerId = edit.ownerId ?? this.ownerId
    const record = () => this.#audit(AUDIT.GUILD_UPDATE, this.id, deed, [{ key: 'name', new_value: this.name }])
    this.#inOrder(deed, () => this.#say('GUILD_UPDATE', { ...toGuild(this), guild_id: undefined }), record)
  }

  /** Changes what one role or member, the bot where nobody is named, may do in a channel; what is left out is as in the whole guild. */
  overwrite(channel: string, { of = this.bot.id, allow = [], deny = [] }: OverwritePlan): void {
    const before = this.channel(channel)
    const kind = this.roles.has(of) ? 'role' : 'member'
    const rule = { id: of, kind, allow: bitsOf(allow), deny: bitsOf(deny) } as const
    const after = { ...before, overwrites: [...before.overwrites.filter(({ id }) => id !== of), rule] }
    this.channels.splice(this.channels.indexOf(before), 1, after)
    this.#say('CHANNEL_UPDATE', toChannel(after, this.id))
  }

  deleteChannel(channel: string): void {
    const gone = this.channel(channel)
    this.channels.splice(this.channels.indexOf(gone), 1)
    this.#say('CHANNEL_DELETE', toChannel(gone, this.id))
  }

  /** Somebody types a slash command. Rejects what Discord's own clients would not let them send. */
  command(request: CommandRequest): Promise<Interaction> {
    return this.#asking.command(this, request)
  }

  /** Somebody is typing an option of a slash command; what they are offered is on what this resolves with. */
  complete(request: TypingRequest): Promise<Interaction> {
    return this.#asking.complete(this, request)
  }

  /** Somebody chooses an entry in the menu of a member. */
  menu(request: MenuRequest): Promise<Interaction> {
    return this.#asking.menu(this, request)
  }

  /** Somebody presses a button of a message that stands in a channel. */
  press(request: PostPress): Promise<Interaction> {
    return this.#asking.press(this, request)
  }

  #go(memberId: Id, deed: Deed, record: () => void = () => {}): void {
    const gone = this.members.remove(memberId)
    if (!gone) throw new Error(`Nobody in ${this.name} has the id ${memberId}`)
    this.departed.set(memberId, gone)
    if (this.departed.size > DEPARTED) this.departed.delete(this.departed.keys().next().value!)
    this.#inOrder(deed, () => this.#say('GUILD_MEMBER_REMOVE', { guild_id: this.id, user: toUser(gone) }), record)
  }

  #inOrder(deed: Deed, tell: () => void, record: () => unknown = () => {}): void {
    const steps = this.around.oddities.auditFirst ? [record, tell] : [tell, record]
    if (!deed.silent) for (const step of steps) step()
    this.around.pulse.beat()
  }

  #sayMember(member: MemberRecord): void {
    const whole = { ...this.toMember(member), guild_id: this.id }
    const bare = { guild_id: this.id, user: toUser(member), roles: this.shownRoles(member) }
    this.#say('GUILD_MEMBER_UPDATE', this.around.slips.bareMemberUpdates ? bare : whole)
  }

  #roleChanges(before: readonly Id[], after: readonly Id[]): AuditChange[] {
    const named = (ids: readonly Id[]) => ids.map((id) => ({ id, name: this.roles.get(id)?.name ?? id }))
    const given = named(after.filter((id) => !before.includes(id)))
    const taken = named(before.filter((id) => !after.includes(id)))
    return [
      ...(given.length > 0 ? [roleChange('$add', given)] : []),
      ...(taken.length > 0 ? [roleChange('$remove', taken)] : []),
    ]
  }

  #audit(action: number, targetId: Id, deed: Deed, changes: readonly AuditChange[]): void {
    const entry: AuditEntry = {
      id: this.around.ids.next(),
      action_type: action,
      user_id: deed.by ?? this.ownerId,
      target_id: targetId,
      ...(changes.length > 0 ? { changes } : {}),
      ...(deed.reason === undefined ? {} : { reason: deed.reason }),
    }
    const { auditDelay } = this.around.oddities
    if (auditDelay > 0) this.around.clock.after(auditDelay, () => this.#log(entry))
    else this.#log(entry)
  }

  #log(entry: AuditEntry): void {
    this.audit.write(entry)
    if (!this.around.slips.noAuditEvents) this.#say('GUILD_AUDIT_LOG_ENTRY_CREATE', { ...entry, guild_id: this.id })
  }

  #say(t: string, d: Json): void {
    this.around.announce({ t, guildId: this.id, d })
  }

  #memberOrThrow(id: Id): MemberRecord {
    const member = this.members.get(id)
    if (!member) throw new Error(`Nobody in ${this.name} has the id ${id}`)
    return member
  }
}
