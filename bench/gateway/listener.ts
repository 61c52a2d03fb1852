// A client of the gateway, of either kind, as the rows drive it.

export interface Listener {
  /** Holds every member; in seconds from the asking. Called once. */
  fill(): Promise<number>
  /** Counts the updates that its handler is called for. */
  readonly updates: Count
}

export interface ListenerOptions {
  readonly apiUrl: string
  readonly token: string
  readonly members: number
}

/** A flood that takes longer has lost an update on its way. */
const PATIENCE_MS = 60_000

/** Counts what a handler is called for. */
export class Count {
  #expected = 0
  #handled = 0
  #began = 0
  #whole = Promise.withResolvers<number>()

  /** From now on so many are to come. */
  expect(updates: number): void {
    this.#expected = updates
    this.#handled = 0
    this.#whole = Promise.withResolvers<number>()
  }

  one(): void {
    if (this.#handled++ === 0) this.#began = performance.now()
    if (this.#handled === this.#expected) this.#whole.resolve((performance.now() - this.#began) / 1000)
  }

  /** In seconds from the first to the last of those expected. Rejects where they do not all come, or more do. */
  async all(): Promise<number> {
    const timer = setTimeout(() => this.#whole.reject(new Error(this.#tale)), PATIENCE_MS)
    const seconds = await this.#whole.promise
    clearTimeout(timer)
    if (this.#handled !== this.#expected) throw new Error(this.#tale)
    return seconds
  }

  get #tale(): string {
    return `${this.#handled} of ${this.#expected} updates were handled`
  }
}
