import { DefaultRestOptions, REST } from '@discordjs/rest'

// The HTTP clients. Reading and acting use one each, so that a long reading never stands in the way of an act, and so that each can
// answer a fault in its own way.

/** Discord allows a bot 50 requests a second in all; the two clients and the gateway's own share it. */
const READS_PER_SECOND = 25
const ACTS_PER_SECOND = 20

export interface RestOptions {
  readonly token: string
  /** Discord itself where left out. */
  readonly apiUrl?: string
}

/** Options that every client here shares, discord.js' own included. */
export const restBase = (apiUrl: string | undefined) => ({ api: apiUrl ?? DefaultRestOptions.api })

/** For what only reads, and for the answers to interactions. Retries a 5xx at once, which is harmless here. */
export function makeRest({ token, apiUrl }: RestOptions): REST {
  return new REST({ ...restBase(apiUrl), globalRequestsPerSecond: READS_PER_SECOND }).setToken(token)
}

/** For the enforcer alone, which does its own waiting: no retry, and a rate limit, foreseen or told, ends a request with a `RateLimitError`. */
export function makeActingRest({ token, apiUrl }: RestOptions): REST {
  return new REST({
    ...restBase(apiUrl),
    globalRequestsPerSecond: ACTS_PER_SECOND,
    retries: 0,
    rejectOnRateLimit: () => true,
  }).setToken(token)
}
