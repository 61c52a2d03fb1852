import type { FastifyInstance } from 'fastify'
import { CALLBACK, FIRST_ANSWER_WITHIN, INTERACTION, type Interaction } from '../interaction.ts'
import { userOf } from '../interactions.ts'
import type { Json } from '../payloads.ts'
import type { Id } from '../snowflake.ts'
import { checkChoices } from './command-form.ts'
import { fault } from './errors.ts'
import { Form } from './form.ts'
import { checkMessage } from './message-form.ts'
import type { RestWorld } from './world.ts'

const MOST_CHOICES = 25

const FOR_TYPING: ReadonlySet<number> = new Set([CALLBACK.CHOICES])
const FOR_COMMANDS: ReadonlySet<number> = new Set([CALLBACK.MESSAGE, CALLBACK.DEFER, CALLBACK.MODAL])
const FOR_COMPONENTS: ReadonlySet<number> = new Set([...FOR_COMMANDS, CALLBACK.DEFER_UPDATE, CALLBACK.UPDATE])

/** What may answer an interaction, by its type. */
const ALLOWED: Readonly<Record<number, ReadonlySet<number>>> = {
  [INTERACTION.COMMAND]: FOR_COMMANDS,
  [INTERACTION.COMPONENT]: FOR_COMPONENTS,
  [INTERACTION.TYPING]: FOR_TYPING,
}

interface Params {
  readonly interaction_id: Id
  readonly interaction_token: string
}

/** The first answer to an interaction. The token is the key; no bot token is asked for. */
export function interactionRoutes(app: FastifyInstance, world: RestWorld): void {
  app.post<{ Params: Params; Body: Json; Querystring: { with_response?: string } }>(
    '/interactions/:interaction_id/:interaction_token/callback',
    { config: { open: true } },
    ({ params, body, query }, reply) => {
      const interaction = findWaiting(world, params)
      checkCallback(interaction, body ?? {})
      interaction.answer(Number(body.type), (body.data as Json | undefined) ?? null)
      if (query.with_response !== 'true') return reply.code(204).send()
      return toCallbackAnswer(world, interaction)
    },
  )
}

function findWaiting(world: RestWorld, { interaction_id, interaction_token }: Params): Interaction {
  const interaction = world.interactions.find(interaction_token)
  if (interaction?.id !== interaction_id) throw fault('unknownInteraction')
  if (interaction.firstAnswer) throw fault('alreadyAcknowledged')
  if (interaction.age > FIRST_ANSWER_WITHIN) throw fault('unknownInteraction')
  return interaction
}

function checkCallback(interaction: Interaction, body: Json): void {
  const type = Number(body.type)
  const allowed = ALLOWED[Number(interaction.terms.payload.type)] ?? FOR_COMMANDS
  const form = new Form()
  if (!allowed.has(type))
    form.wrong(['type'], 'BASE_TYPE_CHOICES', `Value must be one of {${[...allowed].join(', ')}}.`)
  if (type === CALLBACK.CHOICES) checkOffers(form, (body.data as Json | undefined)?.choices)
  form.finish()
  if (type === CALLBACK.MESSAGE) checkMessage((body.data as Json | undefined) ?? {}, { fresh: true })
  if (type === CALLBACK.UPDATE) checkMessage((body.data as Json | undefined) ?? {}, { fresh: false })
}

function checkOffers(form: Form, value: unknown): void {
  const path = ['data', 'choices']
  checkChoices(form, form.list(path, value, MOST_CHOICES) as Json[], path)
}

function toCallbackAnswer(world: RestWorld, interaction: Interaction): Json {
  const { original, firstAnswer } = interaction
  const seen = interaction.current()
  const guild = world.guilds.get(String(interaction.terms.payload.guild_id))!
  const message = original?.toJson((id) => userOf(guild, id))
  const updates = firstAnswer!.type === CALLBACK.UPDATE || firstAnswer!.type === CALLBACK.DEFER_UPDATE
  return {
    interaction: {
      id: interaction.id,
      type: interaction.terms.payload.type,
      ...(seen ? { response_message_id: seen.id, response_message_loading: seen.loading } : {}),
      ...(seen ? { response_message_ephemeral: seen.ephemeral } : {}),
      channel_id: interaction.terms.channelId,
      guild_id: guild.id,
    },
    // Discord names the message under the type of a plain answer, also after a deferral.
    ...(message ? { resource: { type: updates ? CALLBACK.UPDATE : CALLBACK.MESSAGE, message } } : {}),
  }
}
