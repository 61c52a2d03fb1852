/** Keys remembered at most; past it the oldest is forgotten and may be told again. */
const MAX_KEYS = 10_000

/** Says of each key whether it is time to tell of it again, so that what goes on for hours is told now and then. */
export class Seldom {
  readonly #everyMs: number
  readonly #elapsed: () => number
  readonly #lastAt = new Map<string, number>()

  /** `elapsed` in milliseconds that only ever grow. */
  constructor(everyMs: number, elapsed: () => number) {
    this.#everyMs = everyMs
    this.#elapsed = elapsed
  }

  /** True at most once in the time given; then it counts as told. */
  isDue(key: string): boolean {
    const now = this.#elapsed()
    const lastAt = this.#lastAt.get(key)
    if (lastAt !== undefined && now - lastAt < this.#everyMs) return false
    this.#lastAt.delete(key)
    this.#lastAt.set(key, now)
    const oldest = this.#lastAt.keys().next()
    if (this.#lastAt.size > MAX_KEYS && !oldest.done) this.#lastAt.delete(oldest.value)
    return true
  }
}
