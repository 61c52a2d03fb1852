import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { isSnowflake } from '../snowflake.ts'
import { applicationRoutes } from './application.ts'
import { channelRoutes } from './channels.ts'
import { commandRoutes } from './commands.ts'
import { ApiFault, fault } from './errors.ts'
import { Form } from './form.ts'
import { guildRoutes } from './guilds.ts'
import { interactionRoutes } from './interactions.ts'
import { memberRoutes } from './members.ts'
import { webhookRoutes } from './webhooks.ts'
import type { RestWorld } from './world.ts'

/** Discord takes 25 MB with files; nothing that a bot of ours sends comes near it. */
const BODY_LIMIT = 4 * 1024 * 1024
const VERSIONED = '/api/v10'
/** Webhook addresses, as people copy them, name no version. */
const UNVERSIONED = '/api'

const ROUTES = [
  applicationRoutes,
  guildRoutes,
  memberRoutes,
  commandRoutes,
  interactionRoutes,
  webhookRoutes,
  channelRoutes,
]

/** Builds the REST end. It does not listen yet. */
export function makeRestServer(world: RestWorld): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  })
  app.decorateRequest('reason', undefined)
  app.decorateRequest('disguise', null)
  app.decorateRequest('late', null)
  app.decorateRequest('lie', false)
  app.decorateRequest('cameAt', 0)
  app.addHook('onRequest', async (request, reply) => {
    request.cameAt = world.clock.now()
    // As any server: by its own clock, which tests let pass or jump.
    reply.header('date', new Date(request.cameAt).toUTCString())
    request.reason = readReason(request.headers['x-audit-log-reason'])
  })
  app.addHook('preHandler', (request, reply) => admit(world, request, reply))
  app.addHook('onSend', async (request, reply, payload) => send(world, request, reply, payload))
  app.setErrorHandler((error: Error, _request, reply) => answerFault(world, error, reply))
  app.setNotFoundHandler((_request, reply) => answerFault(world, fault('notFound'), reply))
  app.register(
    (api, _options, done) => {
      for (const add of ROUTES) add(api, world)
      done()
    },
    { prefix: VERSIONED },
  )
  app.register(
    (api, _options, done) => {
      webhookRoutes(api, world)
      done()
    },
    { prefix: UNVERSIONED },
  )
  return app
}

async function admit(world: RestWorld, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { open = false, bucket = 'other' } = request.routeOptions.config
  const fate = await world.faults.meet({
    method: request.method,
    route: routeOf(request),
    params: paramsOf(request),
    body: request.body,
  })
  if (fate.kind === 'cut' && !fate.done) return cut(world, request, reply)
  if (fate.kind === 'cut') request.disguise = 'cut'
  if (fate.kind === 'lie' && request.method !== 'PATCH') return reply.code(204).send()
  request.lie = fate.kind === 'lie'
  if (fate.kind === 'late') request.late = fate.wait
  if (fate.kind === 'answer' && !fate.done) throw fate.fault
  if (fate.kind === 'answer') request.disguise = { status: fate.fault.status, body: fate.fault.body }
  if (!open) authorise(world, request)
  if (!open) world.limits.takeGlobal()
  reply.headers(world.limits.take(bucket, majorOf(request)))
  checkPath(request)
}

function authorise({ application }: RestWorld, request: FastifyRequest): void {
  const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ')
  if (scheme !== 'Bot' || !application.tokens.has(token)) throw fault('unauthorized')
}

/** A limit counts for a guild, a channel or a webhook on its own. */
function majorOf(request: FastifyRequest): string {
  const { guild_id, channel_id, webhook_id, webhook_token } = paramsOf(request)
  return guild_id ?? channel_id ?? (webhook_id ? `${webhook_id} ${webhook_token}` : '')
}

function checkPath(request: FastifyRequest): void {
  const form = new Form()
  for (const [name, value] of Object.entries(paramsOf(request))) {
    if (name.endsWith('_id') && !isSnowflake(value) && value !== '@me' && value !== '@original')
      form.snowflake([name], value)
  }
  form.finish()
}

async function send(
  world: RestWorld,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  const { disguise, late } = request
  if (late) await late()
  if (disguise === 'cut') {
    cut(world, request, reply)
    return payload
  }
  if (disguise) reply.code(disguise.status)
  const text = disguise ? JSON.stringify(disguise.body) : payload
  if (disguise) reply.header('content-type', 'application/json').removeHeader('content-length')
  note(world, request, {
    status: reply.statusCode,
    answer: parsed(text),
    headers: reply.getHeaders() as Record<string, string>,
  })
  return text
}

function cut(world: RestWorld, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  note(world, request, { status: 0, answer: undefined, headers: {} })
  reply.hijack()
  request.raw.socket.destroy()
  return reply
}

function note(
  world: RestWorld,
  request: FastifyRequest,
  answer: { status: number; answer: unknown; headers: Record<string, string> },
): void {
  const exchange = {
    method: request.method,
    route: routeOf(request),
    path: withoutPrefix(request.url.split('?')[0]!),
    params: paramsOf(request),
    query: request.query as Record<string, string>,
    body: request.body ?? undefined,
    reason: request.reason,
    at: request.cameAt,
    ...answer,
  }
  world.log.add(exchange)
  world.onExchange(exchange)
  world.pulse.beat()
}

function answerFault(world: RestWorld, error: Error & { statusCode?: number }, reply: FastifyReply): FastifyReply {
  const known =
    error instanceof ApiFault ? error : error.statusCode === 400 ? fault('invalidJson') : fault('serverError')
  if (known.status === 500 && !(error instanceof ApiFault)) world.onMishap(error)
  return reply.code(known.status).headers(known.headers).send(known.body)
}

/** `/api/v10/guilds/:guild_id` → `/guilds/{guild_id}`, as Discord's description names it. */
function routeOf(request: FastifyRequest): string {
  const url = request.routeOptions.url ?? request.url.split('?')[0]!
  // Discord's description gives the original answer a path of its own.
  const path = paramsOf(request).message_id === '@original' ? url.replace(':message_id', '@original') : url
  return withoutPrefix(path).replaceAll(/:(\w+)/g, '{$1}')
}

function withoutPrefix(url: string): string {
  return url.startsWith(VERSIONED) ? url.slice(VERSIONED.length) : url.slice(UNVERSIONED.length)
}

function paramsOf(request: FastifyRequest): Record<string, string> {
  return (request.params ?? {}) as Record<string, string>
}

function readReason(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || header === '') return undefined
  try {
    return decodeURIComponent(header)
  } catch {
    return header
  }
}

function parsed(payload: unknown): unknown {
  return typeof payload === 'string' && payload !== '' ? JSON.parse(payload) : undefined
}
