import { DefaultRestOptions, REST } from '@discordjs/rest'
import type { Told } from './bucket.ts'

// The HTTP clients. Reading and acting use one each, so that a long reading never stands in the way of an act, and so that each can
// answer a fault in its own way.

/** Discord allows a bot 50 requests a second in all; the two clients and the gateway's own share it. */
const READS_PER_SECOND = 25
export const ACTS_PER_SECOND = 20

export interface RestOptions {
  readonly token: string
  /** Discord itself where left out. */
  readonly apiUrl?: string
  /** Requests a second, for a server that allows more or less than Discord does. */
  readonly perSecond?: number
}

/** Discord tells how long a limit lasts counted from its answer, so that no clocks need to agree: only rounding is made good. */
const ROUNDED_MS = 5

/** Options that every client here shares, discord.js' own included. */
export const restBase = (apiUrl: string | undefined) => ({ api: apiUrl ?? DefaultRestOptions.api })

/** For what only reads or posts, and for the answers to interactions. Retries a 5xx at once, which is harmless here. */
export function makeRest({ token, apiUrl, perSecond = READS_PER_SECOND }: RestOptions): REST {
  return new REST({ ...restBase(apiUrl), globalRequestsPerSecond: perSecond, offset: ROUNDED_MS }).setToken(token)
}

/** What the clients of one allowance share: what is left of the second, when it ends, and the pause that Discord asks of everything. */
const SHARED = ['globalRemaining', 'globalReset', 'globalDelay'] as const

/**
 * Further clients like this one, and it itself, so many in all. A client sends one request of a kind at a time, several send as many at once; but they
 * count what they send together, so that they are no more than the one.
 */
export function makeEyes(first: REST, options: RestOptions, count: number): readonly REST[] {
  const others = Array.from({ length: count - 1 }, () => {
    const eye = makeRest(options)
    for (const name of SHARED)
      Object.defineProperty(eye, name, {
        get: () => first[name],
        set: (value: never) => {
          first[name] = value
        },
      })
    return eye
  })
  return [first, ...others]
}

/** Told of every answer to an acting client: the method, the address and the headers. */
export type Hearing = (method: string, url: string, headers: Told) => void

/** What a REST client would wait for by itself, on a clock that may jump. */
const LIMIT_HEADERS = [
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset-After',
  'X-RateLimit-Bucket',
  'X-RateLimit-Global',
] as const

/**
 * For the enforcer alone, which does its own waiting: no retry, and a rate limit that Discord tells ends a request with a `RateLimitError`.
 * What the headers tell of limits goes to `hear` and not to the client, so that there are not two who wait for the same.
 */
export function makeActingRest({ token, apiUrl }: RestOptions, hear: Hearing): REST {
  const { makeRequest } = DefaultRestOptions
  return new REST({
    ...restBase(apiUrl),
    globalRequestsPerSecond: Number.POSITIVE_INFINITY,
    offset: 0,
    retries: 0,
    rejectOnRateLimit: () => true,
    makeRequest: async (url, init) => {
      const answer = await makeRequest(url, init)
      hear(init.method ?? 'GET', url, answer.headers)
      for (const name of LIMIT_HEADERS) answer.headers.delete(name)
      return answer
    },
  }).setToken(token)
}
