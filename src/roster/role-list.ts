import type { Id, Role } from '#src/core/model.ts'
import { GuildRecord } from './guild-record.ts'
import type { Membership } from './membership.ts'
import type { ReadGuild } from './payloads.ts'

/** What the guild is called, who owns it and which roles it has; and that nobody is held to have a role the guild has no longer. */
export class RoleList {
  readonly #guildId: Id
  readonly #members: Membership
  #record: GuildRecord | null = null

  constructor(guildId: Id, members: Membership) {
    this.#guildId = guildId
    this.#members = members
  }

  /** Null until the guild was announced. */
  get record(): GuildRecord | null {
    return this.#record
  }

  describe(read: ReadGuild): void {
    this.#become((this.#record ?? new GuildRecord('', '0', [])).with(read))
  }

  set(role: Role): void {
    if (this.#record !== null) this.#become(this.#record.withRole(role))
  }

  drop(roleId: Id): void {
    if (this.#record !== null) this.#become(this.#record.withoutRole(roleId))
  }

  #become(now: GuildRecord): void {
    const before = this.#record
    this.#record = now
    for (const { id } of before?.roles ?? []) if (!now.has(id)) this.#members.forgetRole(id)
    for (const { id } of now.roles) if (id !== this.#guildId && !before?.has(id)) this.#members.knowRole(id)
    if (before !== null && !now.hasSameRoles(before)) this.#members.tellRoles()
  }
}
