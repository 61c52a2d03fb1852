import { orAborted } from './or-aborted.ts'

/** Work by key: one piece at a time for each key, in the order it came; different keys do not wait for each other. */
export class Chains {
  /** The last piece of each key that has any; a key without work is not kept. */
  readonly #last = new Map<string, Promise<void>>()
  readonly #most: number
  readonly #hurry: AbortSignal
  #pieces = 0

  /** Once `hurry` is given, nobody waits for the piece before: each is then to see for itself that there is nothing left to do. */
  constructor(most: number, hurry: AbortSignal) {
    this.#most = most
    this.#hurry = hurry
  }

  /** Pieces under way and waiting. */
  get size(): number {
    return this.#pieces
  }

  get hasRoom(): boolean {
    return this.#pieces < this.#most
  }

  /** The caller asks `hasRoom` first. `waited`: another piece was before this one. */
  async run<T>(key: string, work: (waited: boolean) => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const { promise: done, resolve } = Promise.withResolvers<void>()
    this.#last.set(key, done)
    this.#pieces++
    try {
      if (before !== undefined) await orAborted(before, this.#hurry)
      return await work(before !== undefined)
    } finally {
      this.#pieces--
      if (this.#last.get(key) === done) this.#last.delete(key)
      resolve()
    }
  }
}
