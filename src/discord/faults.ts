// What goes wrong at Discord's door, in sentences for the operator. The errors of discord.js and its REST client carry addresses with
// interaction tokens, request bodies and headers; none of them goes past this file.

export type FaultKind =
  /** Discord does not accept the token. */
  | 'token'
  /** A privileged intent is not switched on. */
  | 'intents'
  /** Discord refuses: a permission, a rank, two-factor authentication. */
  | 'refused'
  /** What was asked for does not exist (any more). */
  | 'missing'
  /** Too many requests. */
  | 'limited'
  /** Discord answered with a fault of its own. */
  | 'outage'
  /** Discord could not be reached. */
  | 'network'
  /** Discord rejected what the bot sent, or answered what the bot does not understand: a fault of the bot. */
  | 'answer'
  /** The connection that was to carry this is not there. */
  | 'disconnected'

/** `message` says what happened, why and what to do; it holds no secret, and neither does anything else on it. */
export class DiscordFault extends Error {
  override readonly name = 'DiscordFault'
  readonly kind: FaultKind
  /** Discord's own JSON error code or close code, where it gave one. */
  readonly code: number | null

  constructor(kind: FaultKind, message: string, code: number | null = null) {
    super(message)
    this.kind = kind
    this.code = code
  }
}

const PORTAL = 'https://discord.com/developers/applications'

export const TOKEN_SENTENCE = `Discord does not accept the bot token. Open ${PORTAL} → your application → Bot → Reset Token, put the new token into DISCORD_TOKEN (nothing else on the line, no quotes), and start again.`

export const INTENTS_SENTENCE = `Discord does not let this bot see the members of a server. Open ${PORTAL} → your application → Bot → Privileged Gateway Intents, switch on "Server Members Intent", save, and start again.`

/** The close codes after which connecting again cannot help (discord.com/developers/docs/topics/opcodes-and-status-codes). */
const CLOSE_CODES: Readonly<Record<number, readonly [FaultKind, string]>> = {
  4004: ['token', TOKEN_SENTENCE],
  4010: [
    'answer',
    'Discord says that the bot named a shard that does not exist (close code 4010). Start it again; if it stays, report it.',
  ],
  4011: [
    'answer',
    'Discord says that this bot is in too many servers for one connection (close code 4011). Start it again: it then asks Discord for the number of connections to use.',
  ],
  4012: [
    'answer',
    'Discord no longer speaks the gateway version that this bot uses (close code 4012). Update rolecall.',
  ],
  4013: [
    'intents',
    'Discord says that the bot asked for intents that do not exist (close code 4013). Update rolecall; if DISCORD_API_URL points to another server, that server may not know them.',
  ],
  4014: ['intents', INTENTS_SENTENCE],
}

/** Null where the connection comes back by itself. */
export function faultOfCloseCode(code: number): DiscordFault | null {
  const known = CLOSE_CODES[code]
  return known ? new DiscordFault(known[0], known[1], code) : null
}

/** Discord's JSON error codes that mean a definite refusal, as sentences about a member's role. */
export const REFUSALS: Readonly<Record<number, string>> = {
  50001:
    'The bot has no access to this server or role (Missing Access, 50001). Invite it again with the address that `rolecall invite` prints.',
  50013:
    'The bot may not do this (Missing Permissions, 50013). Give its role the permission Manage Roles, and drag that role above every role it is to take or give (Server Settings → Roles).',
  50028:
    'Discord says that this role cannot be given or taken (Invalid Role, 50028): it belongs to an integration, to boosting, or is @everyone.',
  60003:
    'This server requires two-factor authentication of its moderators, and the owner of the bot has none (60003). Switch it on for the Discord account that owns the application.',
}

/** What Discord's refusal to kick means; the other refusals are the same for every change. */
export const KICK_REFUSED =
  "The bot may not kick this member (Missing Permissions, 50013). Give its role the permission Kick Members, and drag that role above the member's highest role (Server Settings → Roles). Nobody can kick the owner of a server."

/** What is read from an error of discord.js, of its REST client, or of the network below; only numbers and short words leave it. */
export interface Answered {
  readonly status: number | null
  readonly code: number | string | null
}

export function answered(error: unknown): Answered {
  const { status, code } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  return {
    status: typeof status === 'number' ? status : null,
    code: typeof code === 'number' || typeof code === 'string' ? code : null,
  }
}

/** True for an error that the REST client raises because it was told not to wait as long as Discord asks. */
export const isRateLimit = (error: unknown): boolean =>
  error instanceof Error && error.name.startsWith('RateLimitError')

/** Where a rate limit is told without saying for how long. */
const UNTOLD_LIMIT_MS = 5_000

/** How long such an error asks to wait, in milliseconds, and whether everything the bot sends is to wait; null for any other error. */
export function limitOf(error: unknown): { readonly ms: number; readonly global: boolean } | null {
  if (!isRateLimit(error)) return null
  const { retryAfter, scope } = error as { readonly retryAfter?: unknown; readonly scope?: unknown }
  const told = typeof retryAfter === 'number' && retryAfter > 0
  return { ms: told ? Math.ceil(retryAfter) : UNTOLD_LIMIT_MS, global: scope === 'global' }
}

/** Any error of the door as a `DiscordFault`. `doing` completes "while …": reading the roles of server 123. */
export function toFault(error: unknown, doing: string): DiscordFault {
  if (error instanceof DiscordFault) return error
  const { status, code } = answered(error)
  if (code === 'TokenInvalid' || status === 401 || lostToken(error)) return new DiscordFault('token', TOKEN_SENTENCE)
  if (isRateLimit(error) || status === 429)
    return new DiscordFault(
      'limited',
      `Discord asks for a long pause (rate limit) while ${doing}. It passes by itself; try again in some minutes.`,
    )
  if (status !== null && status >= 500)
    return new DiscordFault(
      'outage',
      `Discord answered with a fault of its own (${status}) while ${doing}. See https://discordstatus.com, and try again later.`,
    )
  if (status !== null && typeof code === 'number') return toldFault(status, code, doing)
  if (status !== null) return new DiscordFault('answer', `Discord rejected a request (${status}) while ${doing}.`)
  return networkFault(error, code, doing)
}

/** The REST client forgets the token after a 401 and then throws this before it sends anything. */
const lostToken = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Expected token to be set')

function toldFault(status: number, code: number, doing: string): DiscordFault {
  const refusal = REFUSALS[code]
  if (refusal) return new DiscordFault('refused', `${refusal} It happened while ${doing}.`, code)
  if (status === 403)
    return new DiscordFault(
      'refused',
      `Discord refused (403, code ${code}) while ${doing}. Check the bot's permissions in the server.`,
      code,
    )
  if (status === 404)
    return new DiscordFault(
      'missing',
      `Discord does not know what was asked for (404, code ${code}) while ${doing}.`,
      code,
    )
  return new DiscordFault('answer', `Discord rejected a request (${status}, code ${code}) while ${doing}.`, code)
}

/** Codes of the system and of the HTTP client that say that no answer came. */
const NETWORK_CODE = /^(?:E[A-Z]{2,}|UND_ERR_[A-Z_]+|EAI_AGAIN)$/

function networkFault(error: unknown, code: number | string | null, doing: string): DiscordFault {
  const aborted = error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
  if (aborted)
    return new DiscordFault(
      'network',
      `Discord did not answer in time while ${doing}. Check the connection to the internet and https://discordstatus.com.`,
    )
  if (typeof code === 'string' && NETWORK_CODE.test(code))
    return new DiscordFault(
      'network',
      `Discord could not be reached (${code}) while ${doing}. Check the connection to the internet, a proxy or firewall in between, and DISCORD_API_URL if it is set.`,
    )
  // Nothing of an unknown error's own text is repeated: it may hold an address with a token in it.
  const name = error instanceof Error ? error.constructor.name : typeof error
  return new DiscordFault('answer', `Something unforeseen (${name}) came up while ${doing}.`)
}
