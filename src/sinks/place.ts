import { pauseAfter } from './pause.ts'

/** Where a sink stands in one chain, and how it got on there lately. */
export class Place {
  readonly chain: string
  /** The number of the last line that it has behind it. */
  seq: number
  /** The number of the last line that there is. */
  head = 0
  readonly #most: number
  #size: number
  #failed = 0
  #notBefore = 0

  /** `most` is the number of lines that one call may be about. */
  constructor(chain: string, seq: number, most: number) {
    this.chain = chain
    this.seq = seq
    this.#most = most
    this.#size = most
  }

  get hasMore(): boolean {
    return this.seq < this.head
  }

  /** Milliseconds since the epoch. */
  get notBefore(): number {
    return this.#notBefore
  }

  get failed(): number {
    return this.#failed
  }

  /** Lines for the next call: half as many after each failure, so that those before one line that fails for ever are delivered all the same. */
  get size(): number {
    return this.#size
  }

  succeeded(): void {
    this.#failed = 0
    this.#notBefore = 0
    this.#size = Math.min(this.#most, this.#size * 2)
  }

  /** Returns the pause, ms. */
  hasFailed(now: number, askedMs: number | null, random: () => number): number {
    const pause = pauseAfter(this.#failed++, askedMs, random)
    this.#size = Math.max(1, this.#size >> 1)
    this.#notBefore = now + pause
    return pause
  }

  /** Somebody wants another try now. */
  beginAnew(): void {
    this.#failed = 0
    this.#notBefore = 0
  }
}
