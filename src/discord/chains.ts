/** Work by key: one piece at a time for each key, in the order it came; different keys do not wait for each other. */
export class Chains {
  /** The last piece of each key that has any; a key without work is not kept. */
  readonly #last = new Map<string, Promise<void>>()
  readonly #most: number
  #pieces = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Pieces under way and waiting. */
  get size(): number {
    return this.#pieces
  }

  get hasRoom(): boolean {
    return this.#pieces < this.#most
  }

  /** The caller asks `hasRoom` first. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const { promise: done, resolve } = Promise.withResolvers<void>()
    this.#last.set(key, done)
    this.#pieces++
    try {
      await before
      return await work()
    } finally {
      this.#pieces--
      if (this.#last.get(key) === done) this.#last.delete(key)
      resolve()
    }
  }
}
