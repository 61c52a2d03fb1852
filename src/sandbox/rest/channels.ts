import type { FastifyInstance } from 'fastify'
import type { Guild } from '../guild.ts'
import { userOf } from '../interactions.ts'
import type { MemberRecord } from '../members.ts'
import { type ChannelRecord, type Json, toChannel, toDirectChannel, toUser } from '../payloads.ts'
import { PERMISSION, type PermissionName } from '../permissions.ts'
import type { Post } from '../post.ts'
import type { Id } from '../snowflake.ts'
import { fault } from './errors.ts'
import { Form } from './form.ts'
import { checkMessage } from './message-form.ts'
import { findPerson } from './reach.ts'
import type { RestWorld } from './world.ts'

interface Params {
  readonly channel_id: Id
  readonly message_id: Id
}

/** Where a message may stand: a channel of a guild, or a conversation with one person. */
type Place =
  | { readonly kind: 'guild'; readonly guild: Guild; readonly channel: ChannelRecord }
  | { readonly kind: 'direct'; readonly id: Id; readonly person: MemberRecord }

export function channelRoutes(app: FastifyInstance, world: RestWorld): void {
  app.post<{ Body: Json }>('/users/@me/channels', ({ body }) => {
    const person = findRecipient(world, body?.recipient_id)
    return toDirectChannel(world.direct.open(person.id), toUser(person))
  })

  app.get<{ Params: Params }>('/channels/:channel_id', ({ params }) => {
    const place = findPlace(world, params.channel_id)
    if (place.kind === 'direct') return toDirectChannel(place.id, toUser(place.person))
    return toChannel(place.channel, place.guild.id)
  })

  app.post<{ Params: Params; Body: Json }>(
    '/channels/:channel_id/messages',
    { config: { bucket: 'message' } },
    ({ params, body }) => {
      const place = findPlace(world, params.channel_id)
      requireMayPost(world, place)
      checkMessage(body ?? {}, { fresh: true })
      return show(place, world.channels.add(params.channel_id, body))
    },
  )

  app.get<{ Params: Params }>('/channels/:channel_id/messages/:message_id', ({ params }) => {
    const place = findPlace(world, params.channel_id)
    return show(place, findPost(world, params))
  })

  app.patch<{ Params: Params; Body: Json }>(
    '/channels/:channel_id/messages/:message_id',
    { config: { bucket: 'message' } },
    ({ params, body }) => {
      const place = findPlace(world, params.channel_id)
      const post = findPost(world, params)
      checkMessage(body ?? {}, { fresh: false })
      world.channels.edit(post, body ?? {})
      return show(place, post)
    },
  )
}

function findRecipient(world: RestWorld, id: unknown): MemberRecord {
  const form = new Form()
  form.snowflake(['recipient_id'], id)
  form.finish()
  const person = findPerson(world, String(id))
  if (!person || person.bot) throw fault('invalidRecipient')
  return person
}

/** The place where the bot may see it. */
function findPlace(world: RestWorld, channelId: Id): Place {
  const personId = world.direct.personIn(channelId)
  const person = personId === undefined ? undefined : findPerson(world, personId)
  if (person) return { kind: 'direct', id: channelId, person }
  const guild = [...world.guilds.values()].find(({ channels }) => channels.some(({ id }) => id === channelId))
  if (!guild) throw fault('unknownChannel')
  if (!mayHere(guild, channelId, 'VIEW_CHANNEL')) throw fault('missingAccess')
  return { kind: 'guild', guild, channel: guild.channel(channelId) }
}

function requireMayPost(world: RestWorld, place: Place): void {
  if (place.kind === 'guild') {
    if (!mayHere(place.guild, place.channel.id, 'SEND_MESSAGES')) throw fault('missingPermissions')
    return
  }
  const { person } = place
  if (![...world.guilds.values()].some(({ members }) => members.get(person.id))) throw fault('noMutualGuild')
  if (!world.direct.takesMessages(person.id)) throw fault('cannotMessage')
}

function mayHere(guild: Guild, channelId: Id, name: PermissionName): boolean {
  return (guild.permissionsIn(channelId, guild.bot) & PERMISSION[name]) !== 0n
}

function findPost(world: RestWorld, { channel_id, message_id }: Params): Post {
  const post = world.channels.find(channel_id, message_id)
  if (!post) throw fault('unknownMessage')
  return post
}

function show(place: Place, post: Post): Json {
  if (place.kind === 'guild') return post.toJson((id) => userOf(place.guild, id))
  return post.toJson((id) => (id === place.person.id ? toUser(place.person) : undefined))
}
