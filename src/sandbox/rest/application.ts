import type { FastifyInstance } from 'fastify'
import { toBotUser } from '../gateway/ready.ts'
import { type Json, toUser } from '../payloads.ts'
import type { Application } from '../surroundings.ts'
import type { RestWorld } from './world.ts'

/** Discord's flags for privileged intents of an application that is not verified. */
const FLAG = { presences: 1 << 13, members: 1 << 15, content: 1 << 19 } as const
/** Identifies a day. */
const SESSION_STARTS = 1000

export function applicationRoutes(app: FastifyInstance, world: RestWorld): void {
  app.get('/gateway', { config: { open: true } }, () => ({ url: world.gatewayUrl() }))

  app.get('/gateway/bot', () => ({
    url: world.gatewayUrl(),
    shards: 1,
    session_start_limit: { total: SESSION_STARTS, remaining: SESSION_STARTS, reset_after: 0, max_concurrency: 1 },
  }))

  app.get('/users/@me', () => toBotUser(world.application))
  app.get('/applications/@me', () => toApplication(world))
  app.get('/oauth2/applications/@me', () => toApplication(world))
}

function toApplication({ application, guilds }: RestWorld): Json {
  const flags = flagsOf(application)
  return {
    id: application.id,
    name: application.name,
    icon: null,
    description: '',
    type: null,
    flags,
    flags_new: String(flags),
    bot: toUser({ id: application.botUserId, username: application.botName, globalName: null, bot: true }),
    bot_public: false,
    bot_require_code_grant: false,
    integration_types_config: { '0': {} },
    verify_key: '0'.repeat(64),
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner: toUser({ id: application.ownerId, username: 'operator', globalName: 'The Operator', bot: false }),
    approximate_guild_count: guilds.size,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: [],
  }
}

function flagsOf({ privileged }: Application): number {
  return [...privileged].reduce((flags, intent) => flags | FLAG[intent], 0)
}
