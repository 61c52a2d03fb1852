/** Places remembered; past it the oldest is forgotten and asked again. */
const MOST = 10_000

/**
 * Places that refused a message, which are left in peace for a while: Discord counts what it refuses over all servers together, and the bot
 * makes no changes anywhere once that is too much.
 */
export class ClosedDoors {
  readonly #until = new Map<string, number>()
  readonly #elapsed: () => number

  /** `elapsed` in milliseconds that only ever grow. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }

  isClosed(place: string): boolean {
    return (this.#until.get(place) ?? Number.NEGATIVE_INFINITY) > this.#elapsed()
  }

  close(place: string, milliseconds: number): void {
    this.#until.delete(place)
    this.#until.set(place, this.#elapsed() + milliseconds)
    const [oldest] = this.#until.keys()
    if (this.#until.size > MOST && oldest !== undefined) this.#until.delete(oldest)
  }
}
