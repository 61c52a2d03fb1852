/** The sandbox's time. It runs with the base clock and can be put forward, so that no test waits for 3 seconds, 30 seconds or 15 minutes. */
export class SandboxClock {
  readonly #base: () => number
  #ahead = 0

  constructor(base: () => number = Date.now) {
    this.#base = base
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#base() + this.#ahead
  }

  advance(ms: number): void {
    this.#ahead += ms
  }

  /** As Discord writes times. */
  iso(at = this.now()): string {
    return new Date(at).toISOString()
  }
}
