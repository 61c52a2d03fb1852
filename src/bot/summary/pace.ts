import type { Clock } from '#src/roster/clock.ts'

// How fast one webhook is written to. While a message waits for its turn the record grows on, so that what comes next comes as one delivery and
// is told in one message: much that happens slowly becomes few messages too.

/** Discord lets a webhook be asked five times in two seconds; nobody reads that many. */
const AT_ONCE = 4
const WITHIN_MS = 10_000

export class Pace {
  readonly #clock: Clock
  #turns: readonly number[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when a message may be posted, at the latest after `WITHIN_MS`, and at once where the signal says that nobody waits. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now()
    this.#turns = this.#turns.filter((at) => at > now - WITHIN_MS && at <= now)
    const [first] = this.#turns
    if (first !== undefined && this.#turns.length >= AT_ONCE) await this.#wait(first + WITHIN_MS - now, signal)
    this.#turns = [...this.#turns, this.#clock.now()].slice(-AT_ONCE)
  }

  #wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const callOff = this.#clock.after(milliseconds, resolve)
      const stop = () => {
        callOff()
        resolve()
      }
      signal.addEventListener('abort', stop, { once: true })
    })
  }
}
