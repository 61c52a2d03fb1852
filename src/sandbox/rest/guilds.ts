import type { FastifyInstance } from 'fastify'
import type { AuditEntry } from '../audit.ts'
import type { Guild } from '../guild.ts'
import { type Json, toChannel, toGuild, toRole, toUser } from '../payloads.ts'
import type { Id } from '../snowflake.ts'
import { fault } from './errors.ts'
import { readLimit } from './members.ts'
import { findGuild, findPerson, requirePermission } from './reach.ts'
import type { RestWorld } from './world.ts'

type Query = Readonly<Record<string, string>>

const AUDIT_LIMIT = 50
const AUDIT_MOST = 100
const MY_GUILDS = 200

export function guildRoutes(app: FastifyInstance, world: RestWorld): void {
  app.get<{ Params: { guild_id: Id }; Querystring: Query }>('/guilds/:guild_id', ({ params, query }) => {
    const guild = findGuild(world, params.guild_id)
    const counts = { approximate_member_count: guild.memberCount, approximate_presence_count: 0 }
    return { ...toGuild(guild), ...(query.with_counts === 'true' ? counts : {}) }
  })

  app.get<{ Params: { guild_id: Id } }>('/guilds/:guild_id/roles', ({ params }) =>
    [...findGuild(world, params.guild_id).roles.values()].map(toRole),
  )

  app.get<{ Params: { guild_id: Id } }>('/guilds/:guild_id/roles/member-counts', ({ params }) =>
    findGuild(world, params.guild_id).roleCounts(),
  )

  app.get<{ Params: { guild_id: Id; role_id: Id } }>('/guilds/:guild_id/roles/:role_id', ({ params }) => {
    const role = findGuild(world, params.guild_id).roles.get(params.role_id)
    if (!role) throw fault('unknownRole')
    return toRole(role)
  })

  app.get<{ Params: { guild_id: Id } }>('/guilds/:guild_id/channels', ({ params }) => {
    const guild = findGuild(world, params.guild_id)
    return guild.channels.map((channel) => toChannel(channel, guild.id))
  })

  app.get<{ Params: { guild_id: Id }; Querystring: Query }>('/guilds/:guild_id/audit-logs', ({ params, query }) => {
    const guild = findGuild(world, params.guild_id)
    requirePermission(guild, 'VIEW_AUDIT_LOG')
    return toAuditLog(guild, findEntries(guild, query))
  })

  app.get<{ Params: { user_id: Id } }>('/users/:user_id', ({ params }) => {
    const known = findPerson(world, params.user_id)
    if (!known) throw fault('unknownUser')
    return toUser(known)
  })

  app.get<{ Querystring: Query }>('/users/@me/guilds', ({ query }) => {
    const limit = readLimit(query.limit, MY_GUILDS, MY_GUILDS)
    return [...world.guilds.values()].slice(0, limit).map((guild) => toMine(guild, query.with_counts === 'true'))
  })
}

function findEntries(guild: Guild, query: Query): AuditEntry[] {
  return guild.audit.find({
    userId: query.user_id,
    targetId: query.target_id,
    action: query.action_type === undefined ? undefined : Number(query.action_type),
    before: query.before,
    after: query.after,
    limit: readLimit(query.limit, AUDIT_LIMIT, AUDIT_MOST),
  })
}

function toAuditLog(guild: Guild, entries: readonly AuditEntry[]): Json {
  const named = new Set(entries.flatMap(({ user_id, target_id }) => [user_id, target_id]))
  const people = [...named].flatMap((id) => (id && (guild.members.get(id) ?? guild.departed.get(id))) || [])
  return {
    audit_log_entries: entries,
    users: people.map(toUser),
    integrations: [],
    webhooks: [],
    guild_scheduled_events: [],
    threads: [],
    application_commands: [],
    auto_moderation_rules: [],
  }
}

function toMine(guild: Guild, withCounts: boolean): Json {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    banner: null,
    owner: guild.ownerId === guild.bot.id,
    permissions: guild.permissionsOf(guild.bot).toString(),
    features: [],
    ...(withCounts ? { approximate_member_count: guild.memberCount, approximate_presence_count: 0 } : {}),
  }
}
