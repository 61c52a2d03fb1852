import type { Json } from '../payloads.ts'

/** One request and what was answered. */
export interface Exchange {
  readonly method: string
  /** As in Discord's own description: `/guilds/{guild_id}/members/{user_id}`. */
  readonly route: string
  /** As it came, without the query. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
  /** The audit-log reason, decoded. */
  readonly reason: string | undefined
  /** 0: the connection was cut without an answer. */
  readonly status: number
  /** The answer as JSON; undefined where there was none. */
  readonly answer: unknown
  readonly headers: Readonly<Record<string, string>>
  /** On the sandbox's clock, when the request came. */
  readonly at: number
}

/** Requests kept to be looked at. */
const KEPT = 10_000
/** Statuses that count towards Discord's ban of an address: 10,000 of them in 10 minutes. */
const INVALID = new Set([401, 403, 429])

/** What was asked of the REST end. The newest are kept whole; the counters cover everything. */
export class RequestLog {
  #kept: Exchange[] = []
  readonly #routes = new Map<string, number>()
  readonly #statuses = new Map<number, number>()
  #invalid = 0
  #total = 0

  add(exchange: Exchange): void {
    this.#kept.push(exchange)
    if (this.#kept.length > KEPT * 2) this.#kept = this.#kept.slice(-KEPT)
    this.#total += 1
    count(this.#routes, `${exchange.method} ${exchange.route}`)
    count(this.#statuses, exchange.status)
    const shared = (exchange.headers as Json)['x-ratelimit-scope'] === 'shared'
    if (INVALID.has(exchange.status) && !shared) this.#invalid += 1
  }

  get all(): readonly Exchange[] {
    return this.#kept
  }

  get total(): number {
    return this.#total
  }

  /** Answers of 401, 403 and 429 that count towards a ban of the address. */
  get invalid(): number {
    return this.#invalid
  }

  /** `of('DELETE /guilds/{guild_id}/members/{user_id}')`: those still kept, the oldest first. */
  of(route: string): readonly Exchange[] {
    return this.#kept.filter((exchange) => `${exchange.method} ${exchange.route}` === route)
  }

  count(route: string): number {
    return this.#routes.get(route) ?? 0
  }

  answered(status: number): number {
    return this.#statuses.get(status) ?? 0
  }

  get byRoute(): ReadonlyMap<string, number> {
    return this.#routes
  }

  clear(): void {
    this.#kept = []
    this.#routes.clear()
    this.#statuses.clear()
    this.#invalid = 0
    this.#total = 0
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
