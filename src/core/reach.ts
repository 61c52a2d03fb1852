import type { Guild, Id, Role } from './model.ts'
import { compareIds } from './order.ts'

/** Discord lets a bot touch only what ranks below its own highest role. */
export interface Reach {
  /** The roles of the guild that rank below the bot's highest. */
  readonly roleIds: ReadonlySet<Id>
  /** Whether a member who holds no role but @everyone ranks below the bot. */
  readonly roleless: boolean
}

/** The policy, section 5: by position; of equal positions the lower id ranks higher. */
function outranks(a: Role, b: Role): boolean {
  return a.position === b.position ? compareIds(a.id, b.id) < 0 : a.position > b.position
}

/** A bot without a role stands at @everyone, and then nothing is within its reach. */
export function reachOf(guild: Guild): Reach {
  const top = highestOf(guild, guild.botRoleIds)
  return {
    roleIds: rolesBelow(guild, guild.botRoleIds),
    roleless: top !== null && outranks(top, everyoneOf(guild)),
  }
}

/** The roles of the guild that rank below the highest of these; none where it is not one of the guild's. */
export function rolesBelow(guild: Guild, roleIds: readonly Id[]): ReadonlySet<Id> {
  const top = highestOf(guild, roleIds)
  return new Set(top === null ? [] : guild.roles.filter((role) => outranks(top, role)).map(({ id }) => id))
}

/** @everyone is not counted: all hold it, whether their list of roles says so or not. */
function highestOf(guild: Guild, roleIds: readonly Id[]): Role | null {
  const held = new Set(roleIds)
  let highest: Role | null = null
  for (const role of guild.roles) {
    if (!held.has(role.id) || role.id === guild.id) continue
    if (highest === null || outranks(role, highest)) highest = role
  }
  return highest
}

function everyoneOf(guild: Guild): Role {
  const everyone = guild.roles.find((role) => role.id === guild.id)
  return everyone ?? { id: guild.id, name: '@everyone', position: 0, managed: false }
}
