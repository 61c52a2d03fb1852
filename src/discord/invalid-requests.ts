import type { REST } from '@discordjs/rest'

/** Discord bans an address for a while after 10,000 answers of 401, 403 or 429 within 10 minutes (docs, rate limits: "Invalid Request Limit"). */
const DISCORD_BANS_AT = 10_000
const WINDOW_MS = 600_000
/** One per cent of that: something is wrong long before, and going on would only make it worse. */
const STOP_AT = DISCORD_BANS_AT / 100

/** Counts the answers that bring a ban nearer, so that acting stops far below it. */
export class InvalidRequests {
  /** Times of the last answers that counted, oldest first; never more than `STOP_AT`. */
  readonly #times: number[] = []
  readonly #now: () => number
  readonly #answered: (status: number) => void

  /** `now`: milliseconds that only ever grow; a clock that jumps forward would forget them all. `answered` hears every answer, those that do not count too. */
  constructor(now: () => number, answered: (status: number) => void = () => {}) {
    this.#now = now
    this.#answered = answered
  }

  /** Counts what this client is answered from now on. A 429 that others share the limit of does not count, says Discord. */
  watch(rest: REST): void {
    rest.on('response', (_request, { status, headers }) => {
      this.#answered(status)
      const counts =
        status === 401 || status === 403 || (status === 429 && headers.get('X-RateLimit-Scope') !== 'shared')
      if (counts) this.#note()
    })
  }

  #note(): void {
    this.#times.push(this.#now())
    if (this.#times.length > STOP_AT) this.#times.shift()
  }

  /** When acting may go on, by the clock given; null while it may. */
  get stoppedUntil(): number | null {
    const oldest = this.#times.length < STOP_AT ? undefined : this.#times[0]
    return oldest !== undefined && oldest + WINDOW_MS > this.#now() ? oldest + WINDOW_MS : null
  }
}
