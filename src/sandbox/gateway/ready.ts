import { type Json, toUser } from '../payloads.ts'
import type { Application } from '../surroundings.ts'
import type { SessionTerms } from './session.ts'

/** The bot as it sees itself, in READY and at `users/@me`. */
export function toBotUser(application: Application): Json {
  const user = toUser({ id: application.botUserId, username: application.botName, globalName: null, bot: true })
  return { ...user, mfa_enabled: application.ownerHasSecondFactor, locale: 'en-US', verified: true, email: null }
}

/** The body of READY: guilds are named only, and follow by GUILD_CREATE. */
export function toReady(application: Application, terms: SessionTerms, guildIds: readonly string[], url: string): Json {
  return {
    v: 10,
    user_settings: {},
    user: toBotUser(application),
    guilds: guildIds.map((id) => ({ id, unavailable: true })),
    session_id: terms.id,
    session_type: 'normal',
    resume_gateway_url: url,
    shard: terms.shard,
    application: { id: application.id, flags: 0 },
    relationships: [],
    private_channels: [],
    presences: [],
    guild_join_requests: [],
    geo_ordered_rtc_regions: [],
    auth: {},
    _trace: [],
  }
}
