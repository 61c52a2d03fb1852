import type { FastifyInstance } from 'fastify'
import type { Deed, Guild } from '../guild.ts'
import { type Json, toRole } from '../payloads.ts'
import type { Id } from '../snowflake.ts'
import { fault } from './errors.ts'
import { Form } from './form.ts'
import {
  findGuild,
  findMember,
  requireMemberBelow,
  requirePermission,
  requireRoleInReach,
  requireSecondFactor,
} from './reach.ts'
import { RoleWrites } from './role-writes.ts'
import type { RestWorld } from './world.ts'

/** Roles that one member may be given at once, and the length of a nickname. */
const MOST_ROLES = 350
const NICK = 32
const MOST_LISTED = 1000

interface Params {
  readonly guild_id: Id
  readonly user_id: Id
  readonly role_id: Id
}

export function memberRoutes(app: FastifyInstance, world: RestWorld): void {
  const writes = new RoleWrites(world.faults)
  const deed = (reason: string | undefined): Deed => ({ by: world.application.botUserId, reason })

  app.get<{ Params: Params; Querystring: Record<string, string> }>(
    '/guilds/:guild_id/members',
    { config: { bucket: 'memberList' } },
    ({ params, query }) => {
      const guild = findGuild(world, params.guild_id)
      if (!world.application.privileged.has('members')) throw fault('missingAccess')
      return guild.members.page(query.after ?? '0', readLimit(query.limit, 1)).map((member) => guild.toMember(member))
    },
  )

  app.get<{ Params: Params }>(
    '/guilds/:guild_id/members/:user_id',
    { config: { bucket: 'memberRead' } },
    ({ params }) => {
      const guild = findGuild(world, params.guild_id)
      return guild.toMember(findMember(guild, params.user_id))
    },
  )

  app.patch<{ Params: Params; Body: Json }>(
    '/guilds/:guild_id/members/:user_id',
    { config: { bucket: 'memberEdit' } },
    ({ params, body, reason, lie }) => {
      const guild = findGuild(world, params.guild_id)
      const member = findMember(guild, params.user_id)
      if (lie) return { ...guild.toMember(member), ...body }
      editMember(world, guild, member.id, body ?? {}, deed(reason))
      return toEdited(world, guild, member.id)
    },
  )

  app.delete<{ Params: Params }>(
    '/guilds/:guild_id/members/:user_id',
    { config: { bucket: 'kick' } },
    ({ params, reason }, reply) => {
      const guild = findGuild(world, params.guild_id)
      requirePermission(guild, 'KICK_MEMBERS')
      requireSecondFactor(world, guild)
      requireMemberBelow(guild, findMember(guild, params.user_id))
      guild.kick(params.user_id, deed(reason))
      return reply.code(204).send()
    },
  )

  for (const method of ['PUT', 'DELETE'] as const) {
    app.route<{ Params: Params }>({
      method,
      url: '/guilds/:guild_id/members/:user_id/roles/:role_id',
      config: { bucket: 'memberRole' },
      handler: async ({ params, reason }, reply) => {
        const guild = findGuild(world, params.guild_id)
        requirePermission(guild, 'MANAGE_ROLES')
        requireSecondFactor(world, guild)
        const role = requireRoleInReach(guild, params.role_id)
        findMember(guild, params.user_id)
        await writes.write(guild, params.user_id, { role: role.id, held: method === 'PUT' }, deed(reason))
        return reply.code(204).send()
      },
    })
  }
}

/** `roles` replaces the set: every role that it adds or leaves out must be within reach. */
function editMember(world: RestWorld, guild: Guild, memberId: Id, body: Json, deed: Deed): void {
  const form = new Form()
  form.text(['nick'], body.nick, NICK)
  const roles = form.list(['roles'], body.roles, MOST_ROLES).map(String)
  for (const [index, role] of roles.entries()) form.snowflake(['roles', index], role)
  form.finish()
  if (body.roles !== undefined) replaceRoles(world, guild, memberId, [...new Set(roles)], deed)
  if (body.nick !== undefined) {
    requirePermission(guild, 'MANAGE_NICKNAMES')
    requireMemberBelow(guild, findMember(guild, memberId))
    guild.rename(memberId, (body.nick as string | null) || null, deed)
  }
}

function replaceRoles(world: RestWorld, guild: Guild, memberId: Id, roles: readonly Id[], deed: Deed): void {
  requirePermission(guild, 'MANAGE_ROLES')
  requireSecondFactor(world, guild)
  const held = guild.shownRoles(findMember(guild, memberId)).filter((id) => id !== guild.id)
  const changed = [
    ...roles.filter((id) => !held.includes(id)),
    ...held.filter((id) => !roles.includes(id) && guild.roles.has(id)),
  ]
  for (const id of changed) requireRoleInReach(guild, id)
  guild.setRoles(memberId, roles, deed)
}

function toEdited(world: RestWorld, guild: Guild, memberId: Id): Json {
  const member = guild.toMember(findMember(guild, memberId))
  if (!world.slips.roleObjectsInPatch) return member
  return { ...member, roles: (member.roles as Id[]).flatMap((id) => guild.roles.get(id) ?? []).map(toRole) }
}

export function readLimit(text: string | undefined, fallback: number, most = MOST_LISTED): number {
  const form = new Form()
  const limit = text === undefined ? fallback : Number(text)
  if (!Number.isInteger(limit)) form.wrong(['limit'], 'NUMBER_TYPE_COERCE', `Value "${text}" is not int.`)
  else if (limit < 1) form.wrong(['limit'], 'NUMBER_TYPE_MIN', 'int value should be greater than or equal to 1.')
  else if (limit > most) form.wrong(['limit'], 'NUMBER_TYPE_MAX', `int value should be less than or equal to ${most}.`)
  form.finish()
  return limit
}
