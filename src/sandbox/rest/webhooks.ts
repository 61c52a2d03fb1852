import type { FastifyInstance } from 'fastify'
import type { Webhook } from '../channels.ts'
import { type Interaction, TOKEN_GOOD_FOR } from '../interaction.ts'
import { userOf } from '../interactions.ts'
import type { Json } from '../payloads.ts'
import type { Post } from '../post.ts'
import type { Id } from '../snowflake.ts'
import { fault } from './errors.ts'
import { checkMessage } from './message-form.ts'
import type { RestWorld } from './world.ts'

interface Params {
  readonly webhook_id: Id
  readonly webhook_token: string
  readonly message_id: Id
}

/** Whoever holds this address may post: a person's webhook, or an interaction's for 15 minutes. */
type Place =
  | { readonly kind: 'interaction'; readonly interaction: Interaction; readonly guildId: Id }
  | { readonly kind: 'webhook'; readonly webhook: Webhook; readonly guildId: Id }

const CONFIG = { config: { open: true, bucket: 'webhook' } } as const

export function webhookRoutes(app: FastifyInstance, world: RestWorld): void {
  app.post<{ Params: Params; Body: Json; Querystring: { wait?: string } }>(
    '/webhooks/:webhook_id/:webhook_token',
    CONFIG,
    ({ params, body, query }, reply) => {
      const place = findPlace(world, params)
      checkMessage(body ?? {}, { fresh: true })
      const post = add(world, place, body)
      // An interaction's follow-up is always answered with the message.
      if (place.kind === 'webhook' && query.wait !== 'true') return reply.code(204).send()
      return show(world, place, post)
    },
  )

  app.get<{ Params: Params }>('/webhooks/:webhook_id/:webhook_token', CONFIG, ({ params }) => {
    const place = findPlace(world, params)
    // An interaction's is known only by its messages.
    if (place.kind === 'interaction') throw fault('unknownWebhook')
    return toWebhook(place.webhook)
  })

  const url = '/webhooks/:webhook_id/:webhook_token/messages/:message_id'

  app.get<{ Params: Params }>(url, CONFIG, ({ params }) => {
    const place = findPlace(world, params)
    return show(world, place, findPost(world, place, params.message_id))
  })

  app.patch<{ Params: Params; Body: Json }>(url, CONFIG, ({ params, body }) => {
    const place = findPlace(world, params)
    const post = findPost(world, place, params.message_id)
    checkMessage(body ?? {}, { fresh: false })
    world.channels.edit(post, body ?? {})
    return show(world, place, post)
  })

  app.delete<{ Params: Params }>(url, CONFIG, ({ params }, reply) => {
    findPost(world, findPlace(world, params), params.message_id).deleted = true
    world.pulse.beat()
    return reply.code(204).send()
  })
}

/** As whoever has its address sees it: without who made it. */
const toWebhook = ({ id, token, guildId, channelId, name }: Webhook): Json => ({
  ...{ id, token, name, type: 1, avatar: null, application_id: null },
  ...{ guild_id: guildId, channel_id: channelId },
})

function findPlace(world: RestWorld, { webhook_id, webhook_token }: Params): Place {
  if (webhook_id === world.application.id) {
    const interaction = world.interactions.find(webhook_token)
    if (!interaction?.firstAnswer) throw fault('unknownWebhook')
    if (interaction.age > TOKEN_GOOD_FOR) throw fault('invalidWebhookToken')
    return { kind: 'interaction', interaction, guildId: String(interaction.terms.payload.guild_id) }
  }
  const webhook = world.webhooks.find(webhook_id)
  if (!webhook) throw fault('unknownWebhook')
  if (webhook.token !== webhook_token) throw fault('invalidWebhookToken')
  return { kind: 'webhook', webhook, guildId: webhook.guildId }
}

function add(world: RestWorld, place: Place, body: Json): Post {
  if (place.kind === 'interaction') return place.interaction.followUp(body)
  return world.channels.add(place.webhook.channelId, body, place.webhook)
}

function findPost(world: RestWorld, place: Place, messageId: Id): Post {
  const post =
    place.kind === 'interaction'
      ? ofInteraction(place.interaction, messageId)
      : ofWebhook(world, place.webhook, messageId)
  if (!post || post.deleted) throw fault('unknownMessage')
  return post
}

/** `@original` names the first answer. */
function ofInteraction({ original, followUps }: Interaction, messageId: Id): Post | null | undefined {
  if (messageId === '@original' || messageId === original?.id) return original
  return followUps.find(({ id }) => id === messageId)
}

function ofWebhook(world: RestWorld, webhook: Webhook, messageId: Id): Post | undefined {
  const post = world.channels.find(webhook.channelId, messageId)
  return post?.terms.author.webhook?.id === webhook.id ? post : undefined
}

function show(world: RestWorld, { guildId }: Place, post: Post): Json {
  const guild = world.guilds.get(guildId)
  return post.toJson((id) => guild && userOf(guild, id))
}
