import type { REST } from '@discordjs/rest'
import { makeURLSearchParams } from '@discordjs/rest'
import { AuditLogEvent, RESTJSONErrorCodes, Routes } from 'discord.js'
import type { Guild, Id, Member } from '#src/core/model.ts'
import type { LoggedRoleChange } from '#src/core/notice.ts'
import { idOf, listOf, partOf, toMember, toRole } from './answers.ts'
import type { Lane } from './errand.ts'
import { answered, toFault } from './faults.ts'
import { MemberLooks } from './member-looks.ts'
import { readRoleChange } from './role-changes.ts'

/** A page of members as Discord gives them at most. */
export const PAGE = 1_000
/** Entries of the audit log that Discord gives at once at most. */
const LOGGED = 100

/** A guild, and what the bot may do in it. */
export interface Standing {
  readonly guild: Guild
  /** The bot's permissions in the whole guild, as Discord's bit field; channel overwrites do not matter to it. */
  readonly permissions: bigint
}

/** Reads at Discord itself, past every cache. Every method rejects with a `DiscordFault` where Discord did not say. */
export class Looker {
  readonly #rest: REST
  readonly #members: MemberLooks

  constructor(rest: REST, eyes: readonly REST[] = [rest]) {
    this.#rest = rest
    this.#members = new MemberLooks(eyes)
  }

  /** Null: Discord says that there is no such member (10007), or no such user at all (10013). Looks of the live lane go first. */
  async member(guildId: Id, memberId: Id, lane: Lane = 'sweep'): Promise<Member | null> {
    try {
      return toMember(await this.#members.at(guildId, memberId, lane === 'live'), guildId)
    } catch (error) {
      if (isGone(error)) return null
      throw toFault(error, `reading member ${memberId} of server ${guildId}`)
    }
  }

  /** One page of up to `PAGE` members with ids above `after`, in order of their ids; fewer than `PAGE`: the last. */
  async listMembers(guildId: Id, after: Id): Promise<readonly Member[]> {
    return this.#rawPage(guildId, after, (raw) => toMember(raw, guildId))
  }

  /** The same page as Discord gave it, for a file that keeps names. */
  async listRawMembers(guildId: Id, after: Id): Promise<readonly unknown[]> {
    return this.#rawPage(guildId, after, (raw) => raw)
  }

  /** Every role's number of holders, @everyone left out: a checksum for the roster. */
  async roleCounts(guildId: Id): Promise<ReadonlyMap<Id, number>> {
    const doing = `counting the roles' holders of server ${guildId}`
    const counts = partOf(
      await this.#get(`/guilds/${guildId}/roles/member-counts`, doing),
      'the counts of role holders',
    )
    const read = Object.entries(counts).filter(([id]) => id !== guildId)
    return new Map(read.map(([id, count]) => [idOf(id, "a role's id"), Number(count)]))
  }

  /** The roles that the guild has, @everyone left out. */
  async roleIds(guildId: Id): Promise<ReadonlySet<Id>> {
    const roles = await this.#get(Routes.guildRoles(guildId), `reading the roles of server ${guildId}`)
    const ids = listOf(roles, "a server's roles").map((raw) => toRole(raw).id)
    return new Set(ids.filter((id) => id !== guildId))
  }

  /** The newest role changes that the audit log has, newest first. Entries that cannot be read are left out. */
  async roleChanges(guildId: Id): Promise<readonly LoggedRoleChange[]> {
    const query = makeURLSearchParams({ action_type: AuditLogEvent.MemberRoleUpdate, limit: LOGGED })
    const doing = `reading the audit log of server ${guildId}`
    const log = partOf(await this.#get(Routes.guildAuditLog(guildId), doing, query), 'an audit log')
    return listOf(log.audit_log_entries, 'an audit log').flatMap((raw) => readRoleChange(raw) ?? [])
  }

  async guild(guildId: Id, botUserId: Id, lane?: Lane): Promise<Guild> {
    return (await this.standing(guildId, botUserId, lane)).guild
  }

  /** The guild with its roles and the bot's own, and the permissions that follow from them. */
  async standing(guildId: Id, botUserId: Id, lane?: Lane): Promise<Standing> {
    const [server, bot] = await Promise.all([
      this.#get(Routes.guild(guildId), `reading server ${guildId}`),
      this.member(guildId, botUserId, lane),
    ])
    const raw = partOf(server, 'a server')
    const roles = listOf(raw.roles, "a server's roles").map(toRole)
    const botRoleIds = bot?.roleIds ?? []
    const held = roles.filter(({ id }) => id === guildId || botRoleIds.includes(id))
    return {
      guild: {
        id: guildId,
        name: typeof raw.name === 'string' ? raw.name : '',
        ownerId: idOf(raw.owner_id, "a server's owner"),
        botUserId,
        botRoleIds,
        roles: roles.map(({ permissions: _, ...role }) => role),
      },
      permissions: held.reduce((all, { permissions }) => all | permissions, 0n),
    }
  }

  async #rawPage<T>(guildId: Id, after: Id, read: (raw: unknown) => T): Promise<readonly T[]> {
    const query = makeURLSearchParams({ limit: PAGE, after })
    const page = await this.#get(Routes.guildMembers(guildId), `listing the members of server ${guildId}`, query)
    return listOf(page, 'a list of members').map(read)
  }

  async #get(route: `/${string}`, doing: string, query?: URLSearchParams): Promise<unknown> {
    try {
      return await this.#rest.get(route, query ? { query } : {})
    } catch (error) {
      throw toFault(error, doing)
    }
  }
}

function isGone(error: unknown): boolean {
  const { code } = answered(error)
  return code === RESTJSONErrorCodes.UnknownMember || code === RESTJSONErrorCodes.UnknownUser
}

/** `eyes`: clients that look at members, as many at once as there are. */
export const makeLooker = (rest: REST, eyes?: readonly REST[]): Looker => new Looker(rest, eyes)
