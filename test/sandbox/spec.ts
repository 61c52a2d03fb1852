import * as spec from 'discord-api-spec/zod'
import * as z from 'zod/mini'
import type { Exchange } from '#src/sandbox/rest/log.ts'
import { strict } from './strict.ts'

type Schema = z.ZodMiniType

interface Operation {
  /** Absent: the route takes no body. */
  readonly body?: Schema
  /** By status. 204 has no body anywhere. */
  readonly answers: Readonly<Record<number, Schema>>
}

// zod's schemas in the package are loose; what is checked here also rejects keys that the description does not know.
const of = (schema: unknown): Schema => strict(schema as Schema)
const listOf = (schema: unknown): Schema => z.array(of(schema))

const MEMBER_EDIT = z.strictObject({
  nick: z.nullish(z.string()),
  roles: z.nullish(z.array(z.string())),
  mute: z.nullish(z.boolean()),
  deaf: z.nullish(z.boolean()),
  channel_id: z.nullish(z.string()),
  communication_disabled_until: z.nullish(z.string()),
  flags: z.nullish(z.number()),
})

const CALLBACK = z.union([
  of(spec.CreateMessageInteractionCallbackRequestSchema),
  of(spec.UpdateMessageInteractionCallbackRequestSchema),
  of(spec.ApplicationCommandAutocompleteCallbackRequestSchema),
  of(spec.ModalInteractionCallbackRequestSchema),
])

const MESSAGE = of(spec.MessageResponseSchema)
const COMMANDS: Readonly<Record<string, Operation>> = {
  GET: { answers: { 200: listOf(spec.ApplicationCommandResponseSchema) } },
  PUT: {
    body: listOf(spec.ApplicationCommandUpdateRequestSchema),
    answers: { 200: listOf(spec.ApplicationCommandResponseSchema) },
  },
  POST: {
    body: of(spec.ApplicationCommandCreateRequestSchema),
    answers: { 200: of(spec.ApplicationCommandResponseSchema), 201: of(spec.ApplicationCommandResponseSchema) },
  },
}
const HOOK_EDIT: Readonly<Record<string, Operation>> = {
  GET: { answers: { 200: MESSAGE } },
  PATCH: { body: of(spec.IncomingWebhookUpdateRequestPartialSchema), answers: { 200: MESSAGE } },
  DELETE: { answers: {} },
}
const NO_BODY: Operation = { answers: {} }

/** Discord's own description of the routes that a bot like ours uses, by route and method. */
const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '/gateway': { GET: { answers: { 200: of(spec.GatewayResponseSchema) } } },
  '/gateway/bot': { GET: { answers: { 200: of(spec.GatewayBotResponseSchema) } } },
  '/users/@me': { GET: { answers: { 200: of(spec.UserPIIResponseSchema) } } },
  '/users/{user_id}': { GET: { answers: { 200: of(spec.UserResponseSchema) } } },
  '/users/@me/guilds': { GET: { answers: { 200: listOf(spec.MyGuildResponseSchema) } } },
  '/users/@me/channels': {
    POST: {
      body: of(spec.CreatePrivateChannelRequestSchema),
      answers: { 200: of(spec.PrivateChannelResponseSchema) },
    },
  },
  '/applications/@me': { GET: { answers: { 200: of(spec.PrivateApplicationResponseSchema) } } },
  '/oauth2/applications/@me': { GET: { answers: { 200: of(spec.PrivateApplicationResponseSchema) } } },
  '/guilds/{guild_id}': { GET: { answers: { 200: of(spec.GuildWithCountsResponseSchema) } } },
  '/guilds/{guild_id}/roles': { GET: { answers: { 200: listOf(spec.GuildRoleResponseSchema) } } },
  '/guilds/{guild_id}/roles/{role_id}': { GET: { answers: { 200: of(spec.GuildRoleResponseSchema) } } },
  '/guilds/{guild_id}/roles/member-counts': { GET: { answers: { 200: z.record(z.string(), z.int32()) } } },
  '/guilds/{guild_id}/audit-logs': { GET: { answers: { 200: of(spec.GuildAuditLogResponseSchema) } } },
  '/guilds/{guild_id}/channels': { GET: { answers: { 200: z.array(z.unknown()) } } },
  '/guilds/{guild_id}/members': { GET: { answers: { 200: listOf(spec.GuildMemberResponseSchema) } } },
  '/guilds/{guild_id}/members/{user_id}': {
    GET: { answers: { 200: of(spec.GuildMemberResponseSchema) } },
    PATCH: { body: MEMBER_EDIT, answers: { 200: of(spec.GuildMemberResponseSchema) } },
    DELETE: NO_BODY,
  },
  '/guilds/{guild_id}/members/{user_id}/roles/{role_id}': { PUT: NO_BODY, DELETE: NO_BODY },
  '/applications/{application_id}/commands': COMMANDS,
  '/applications/{application_id}/guilds/{guild_id}/commands': COMMANDS,
  '/applications/{application_id}/commands/{command_id}': { DELETE: NO_BODY },
  '/applications/{application_id}/guilds/{guild_id}/commands/{command_id}': { DELETE: NO_BODY },
  '/interactions/{interaction_id}/{interaction_token}/callback': {
    POST: { body: CALLBACK, answers: { 200: of(spec.InteractionCallbackResponseSchema) } },
  },
  '/webhooks/{webhook_id}/{webhook_token}': {
    GET: { answers: { 200: of(spec.GuildIncomingWebhookResponseSchema) } },
    POST: { body: of(spec.IncomingWebhookRequestPartialSchema), answers: { 200: MESSAGE } },
  },
  '/webhooks/{webhook_id}/{webhook_token}/messages/@original': HOOK_EDIT,
  '/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': HOOK_EDIT,
  '/channels/{channel_id}': { GET: { answers: { 200: z.unknown() } } },
  '/channels/{channel_id}/messages': { POST: { body: of(spec.MessageCreateRequestSchema), answers: { 200: MESSAGE } } },
  '/channels/{channel_id}/messages/{message_id}': {
    GET: { answers: { 200: MESSAGE } },
    PATCH: { body: of(spec.MessageEditRequestPartialSchema), answers: { 200: MESSAGE } },
  },
}

/** The description gives inner codes as numbers; Discord sends words like BASE_TYPE_REQUIRED. */
const REFUSAL = z.strictObject({
  code: z.number(),
  message: z.string(),
  errors: z.optional(z.record(z.string(), z.unknown())),
})
const TOO_MANY = z.strictObject({ code: z.number(), message: z.string(), retry_after: z.number(), global: z.boolean() })
const REASON = 512

/** What in a request or in its answer Discord's own description does not allow. Empty: nothing. */
export function checkExchange(exchange: Exchange): string[] {
  const place = `${exchange.method} ${exchange.route}`
  const operation = OPERATIONS[exchange.route]?.[exchange.method]
  if (!operation) return exchange.status === 404 ? [] : [`${place} is not a route that is known here`]
  return [
    ...checkBody(place, operation, exchange),
    ...checkReason(place, exchange),
    ...checkAnswer(place, operation, exchange),
  ]
}

/** A body that the server refused as a bad form is the test's own doing; its answer is checked all the same. */
function checkBody(place: string, { body }: Operation, exchange: Exchange): string[] {
  if (exchange.status === 400) return []
  if (!body) return exchange.body === undefined ? [] : [`${place} takes no body`]
  return faultsOf(`${place} request`, body, withoutIdle(withNumericPermissions(exchange.body)))
}

function checkReason(place: string, { reason }: Exchange): string[] {
  return reason !== undefined && [...reason].length > REASON
    ? [`${place}: a reason of more than ${REASON} characters`]
    : []
}

function checkAnswer(place: string, { answers }: Operation, { status, answer, headers }: Exchange): string[] {
  if (status === 0 || status >= 500) return []
  if (status === 204)
    return answer === undefined && !headers['content-type'] ? [] : [`${place}: 204 with a body or a content type`]
  const schema = status === 429 ? TOO_MANY : status >= 400 ? REFUSAL : answers[status]
  return schema ? faultsOf(`${place} answer ${status}`, schema, answer) : [`${place} never answers ${status}`]
}

function faultsOf(place: string, schema: Schema, value: unknown): string[] {
  const found = schema.safeParse(value)
  return found.success
    ? []
    : found.error.issues.map((issue) => `${place}: ${issue.path.join('.')} ${JSON.stringify(issue)}`)
}

/** discord.js sends these with every message, also where Discord's description does not name them. */
const IDLE = new Set(['tts', 'enforce_nonce'])

function withoutIdle(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const kept = Object.entries(value).filter(([key, set]) => !(IDLE.has(key) && set === false))
  // An interaction's answer carries its message one level down.
  return Object.fromEntries(kept.map(([key, inner]) => [key, key === 'data' ? withoutIdle(inner) : inner]))
}

/** A slip of the description: it types `default_member_permissions` as an integer; Discord takes, and discord.js sends, a string. */
function withNumericPermissions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNumericPermissions)
  const bits = (value as Record<string, unknown> | undefined)?.default_member_permissions
  return typeof bits === 'string' ? { ...(value as object), default_member_permissions: Number(bits) } : value
}
