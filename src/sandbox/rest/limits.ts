import { createHash } from 'node:crypto'
import type { SandboxClock } from '../clock.ts'
import { ApiFault } from './errors.ts'

export interface Bucket {
  readonly name: string
  /** Requests a window. */
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
}

/** As seen at Discord; it promises none of these numbers, and clients must read them from the headers. */
const BUCKETS = {
  memberRole: { name: 'member role', limit: 10, window: 10_000 },
  memberEdit: { name: 'member edit', limit: 10, window: 10_000 },
  kick: { name: 'kick', limit: 5, window: 1000 },
  memberRead: { name: 'member read', limit: 5, window: 1000 },
  memberList: { name: 'member list', limit: 10, window: 10_000 },
  webhook: { name: 'webhook', limit: 5, window: 2000 },
  message: { name: 'message', limit: 5, window: 5000 },
  other: { name: 'other', limit: 50, window: 1000 },
} as const satisfies Record<string, Bucket>

export type BucketName = keyof typeof BUCKETS

/** Requests a second a bot may make of everything together. */
const GLOBAL = { limit: 50, window: 1000 }

interface Window {
  startsAt: number
  used: number
}

/** Counts requests by bucket and in all, on the sandbox's clock. `scale` shortens every window; 1 is Discord. */
export class Limits {
  /** False: no request is ever refused, and no header is sent; for loads that would take Discord hours. */
  on: boolean
  readonly #clock: SandboxClock
  readonly #scale: number
  readonly #windows = new Map<string, Window>()

  constructor(clock: SandboxClock, scale: number, on: boolean) {
    this.#clock = clock
    this.#scale = scale
    this.on = on
  }

  /** Takes one request from the bucket of this guild, channel or webhook; the headers say what is left. Throws the 429. */
  take(name: BucketName, major: string): Record<string, string> {
    if (!this.on) return {}
    const bucket = BUCKETS[name]
    const span = bucket.window * this.#scale
    const window = this.#window(`${name} ${major}`, span)
    const resetAfter = (window.startsAt + span - this.#clock.now()) / 1000
    window.used += 1
    const headers = this.#headers(bucket, window, span, resetAfter)
    if (window.used > bucket.limit)
      throw tooMany({ retryAfter: resetAfter, scope: 'user', headers, whole: this.#scale === 1 })
    return headers
  }

  /** Takes one request from what the bot has in all. */
  takeGlobal(): void {
    if (!this.on) return
    const span = GLOBAL.window * this.#scale
    const window = this.#window('all', span)
    window.used += 1
    if (window.used <= GLOBAL.limit) return
    const retryAfter = (window.startsAt + span - this.#clock.now()) / 1000
    throw tooMany({ retryAfter, scope: 'global', headers: {}, whole: this.#scale === 1 })
  }

  #window(key: string, span: number): Window {
    const now = this.#clock.now()
    const found = this.#windows.get(key)
    if (found && now < found.startsAt + span) return found
    const fresh = { startsAt: now, used: 0 }
    this.#windows.set(key, fresh)
    return fresh
  }

  #headers(bucket: Bucket, window: Window, span: number, resetAfter: number): Record<string, string> {
    return {
      'x-ratelimit-limit': String(bucket.limit),
      'x-ratelimit-remaining': String(Math.max(0, bucket.limit - window.used)),
      'x-ratelimit-reset': ((window.startsAt + span) / 1000).toFixed(3),
      'x-ratelimit-reset-after': resetAfter.toFixed(3),
      'x-ratelimit-bucket': createHash('md5').update(bucket.name).digest('hex'),
    }
  }
}

export type LimitScope = 'user' | 'global' | 'shared'

interface TooMany {
  /** Seconds. */
  readonly retryAfter: number
  readonly scope: LimitScope
  readonly headers: Readonly<Record<string, string>>
  /** Whether the Retry-After header is in whole seconds, as at Discord. */
  readonly whole: boolean
}

export function tooMany({ retryAfter, scope, headers, whole }: TooMany): ApiFault {
  const global = scope === 'global'
  const body = { message: 'You are being rate limited.', code: 0, retry_after: Number(retryAfter.toFixed(3)), global }
  return new ApiFault(429, body, {
    ...headers,
    'retry-after': whole ? String(Math.ceil(retryAfter)) : retryAfter.toFixed(3),
    'x-ratelimit-scope': scope,
    ...(global ? { 'x-ratelimit-global': 'true' } : {}),
  })
}
