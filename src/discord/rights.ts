import type { APIInteraction } from 'discord.js'
import { type Capability, type Needed, WITH_MANAGE_ROLES } from '#src/core/capability.ts'
import type { Id } from '#src/core/model.ts'
import type { Command, Permission } from './command.ts'
import { readBits, toPermissions } from './permissions.ts'

// Who may ask for what. What Discord shows to whom is only a default that a server can change, so it is judged here, before each answer.

export interface RightsWorld {
  /** Null where the guild is not known yet; the owner is then known by the permissions alone. */
  readonly ownerOf: (guildId: Id) => Id | null
  /**
   * The bits that these roles and @everyone have in the whole guild; null where they are not known yet, and then nobody but the owner may do
   * anything but halt. Where left out, the interaction's own bits count, which a channel's rules have changed: there "Manage Roles" means another thing.
   */
  readonly guildPermissionsOf?: (guildId: Id, roleIds: readonly Id[]) => bigint | null
  /** The roles that each capability was granted to, those that are no more left out. */
  readonly grantsOf: (guildId: Id) => Promise<ReadonlyMap<Capability, readonly Id[]>>
}

/** A member who asks, with what decides on what they may. */
export interface Asker {
  readonly guildId: Id
  readonly memberId: Id
  readonly roleIds: readonly Id[]
  /** In the whole server. */
  readonly permissions: ReadonlySet<Permission>
  readonly isOwner: boolean
}

/** A halt must not wait until the guild is known: there the interaction's own bits will do. Whom a channel wrongly lets halt everything harms nobody. */
export function toAsker(
  { member }: Pick<APIInteraction, 'member'>,
  guildId: Id,
  needed: Needed,
  { guildPermissionsOf, ownerOf }: RightsWorld,
): Asker {
  const roleIds = member?.roles ?? []
  const known = guildPermissionsOf?.(guildId, roleIds) ?? null
  const bits = known ?? (guildPermissionsOf && needed !== 'stop' ? 0n : readBits(member?.permissions))
  const memberId = member?.user.id ?? ''
  return { guildId, memberId, roleIds, permissions: toPermissions(bits), isOwner: ownerOf(guildId) === memberId }
}

/** Grants are asked for only where nothing else decides, so that an Administrator can act although they cannot be read. */
export async function mayDo(needed: Needed, asker: Asker, { grantsOf }: RightsWorld): Promise<boolean> {
  if (asker.isOwner || asker.permissions.has('Administrator')) return true
  if (needed === 'administrator') return false
  if (WITH_MANAGE_ROLES.has(needed) && asker.permissions.has('ManageRoles')) return true
  const granted = (await grantsOf(asker.guildId)).get(needed) ?? []
  // Some servers list @everyone among the roles of a member; what everybody has is no distinction.
  return granted.some((roleId) => roleId !== asker.guildId && asker.roleIds.includes(roleId))
}

/** What a command needs, or its subcommand in its place. */
export function neededFor({ needs, subcommands }: Command, subcommand: string | null): Needed {
  return subcommands?.find(({ name }) => name === subcommand)?.needs ?? needs
}

/** Every right that some use of the command needs. */
export function allNeeded({ needs, subcommands }: Command): readonly Needed[] {
  return subcommands ? subcommands.map((sub) => sub.needs ?? needs) : [needs]
}

/** What somebody reads who may not: what it needs, and who can give it. `what` begins the sentence. */
export function lackingWords(what: string, needed: Needed): string {
  if (needed === 'administrator')
    return `${what} needs the permission "Administrator" in the whole server, which you do not have, and no capability stands in for it. Ask an Administrator or the owner of the server.`
  const grant = 'An Administrator can give it to a role of yours with `/capability grant`.'
  return WITH_MANAGE_ROLES.has(needed)
    ? `${what} needs the permission "Manage Roles" in the whole server, or the capability "${needed}"; you have neither. ${grant}`
    : `${what} needs the capability "${needed}", which no role of yours has. ${grant}`
}
