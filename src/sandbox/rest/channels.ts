import type { FastifyInstance } from 'fastify'
import type { Guild } from '../guild.ts'
import { userOf } from '../interactions.ts'
import { type Json, toChannel } from '../payloads.ts'
import { PERMISSION } from '../permissions.ts'
import type { Post } from '../post.ts'
import type { Id } from '../snowflake.ts'
import { fault } from './errors.ts'
import { checkMessage } from './message-form.ts'
import { requirePermission } from './reach.ts'
import type { RestWorld } from './world.ts'

interface Params {
  readonly channel_id: Id
  readonly message_id: Id
}

export function channelRoutes(app: FastifyInstance, world: RestWorld): void {
  app.get<{ Params: Params }>('/channels/:channel_id', ({ params }) => {
    const guild = findGuild(world, params.channel_id)
    return toChannel(guild.channels.find(({ id }) => id === params.channel_id)!, guild.id)
  })

  app.post<{ Params: Params; Body: Json }>(
    '/channels/:channel_id/messages',
    { config: { bucket: 'message' } },
    ({ params, body }) => {
      const guild = findGuild(world, params.channel_id)
      requirePermission(guild, 'SEND_MESSAGES')
      checkMessage(body ?? {}, { fresh: true })
      return show(guild, world.channels.add(params.channel_id, body))
    },
  )

  app.get<{ Params: Params }>('/channels/:channel_id/messages/:message_id', ({ params }) => {
    const guild = findGuild(world, params.channel_id)
    return show(guild, findPost(world, params))
  })

  app.patch<{ Params: Params; Body: Json }>(
    '/channels/:channel_id/messages/:message_id',
    { config: { bucket: 'message' } },
    ({ params, body }) => {
      const guild = findGuild(world, params.channel_id)
      const post = findPost(world, params)
      checkMessage(body ?? {}, { fresh: false })
      world.channels.edit(post, body ?? {})
      return show(guild, post)
    },
  )
}

/** The guild that has the channel, where the bot may see it. */
function findGuild(world: RestWorld, channelId: Id): Guild {
  const guild = [...world.guilds.values()].find(({ channels }) => channels.some(({ id }) => id === channelId))
  if (!guild) throw fault('unknownChannel')
  if ((guild.permissionsOf(guild.bot) & PERMISSION.VIEW_CHANNEL) === 0n) throw fault('missingAccess')
  return guild
}

function findPost(world: RestWorld, { channel_id, message_id }: Params): Post {
  const post = world.channels.find(channel_id, message_id)
  if (!post) throw fault('unknownMessage')
  return post
}

function show(guild: Guild, post: Post): Json {
  return post.toJson((id) => userOf(guild, id))
}
