import type { Id, Role } from '#src/core/model.ts'
import type { ReadGuild } from './payloads.ts'

/** What Discord says of the guild itself: its name, its owner, its roles. */
export class GuildRecord {
  readonly name: string
  readonly ownerId: Id
  readonly #roles: ReadonlyMap<Id, Role>
  readonly roles: readonly Role[]

  constructor(name: string, ownerId: Id, roles: readonly Role[]) {
    this.name = name
    this.ownerId = ownerId
    this.#roles = new Map(roles.map((role) => [role.id, role]))
    this.roles = [...this.#roles.values()]
  }

  has(roleId: Id): boolean {
    return this.#roles.has(roleId)
  }

  /** With what the payload says, and as before where it is silent. */
  with(read: ReadGuild): GuildRecord {
    return new GuildRecord(read.name ?? this.name, read.ownerId ?? this.ownerId, read.roles ?? this.roles)
  }

  withRole(role: Role): GuildRecord {
    return new GuildRecord(this.name, this.ownerId, [...this.roles.filter(({ id }) => id !== role.id), role])
  }

  withoutRole(roleId: Id): GuildRecord {
    return new GuildRecord(
      this.name,
      this.ownerId,
      this.roles.filter(({ id }) => id !== roleId),
    )
  }

  /** Whether any role differs in anything that a verdict rests on; the order in which they are listed is nothing. */
  hasSameRoles(other: GuildRecord): boolean {
    return this.#roles.size === other.#roles.size && this.roles.every((role) => isSame(role, other.#roles.get(role.id)))
  }
}

function isSame(one: Role, other: Role | undefined): boolean {
  return (
    other !== undefined && one.name === other.name && one.position === other.position && one.managed === other.managed
  )
}
