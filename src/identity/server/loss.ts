/** Whether a connection is gone, and what is told then to everybody who waits for it. */
export class Loss {
  readonly #waiting = new Set<(error: unknown) => void>()
  #why: { readonly error: unknown } | null = null

  /** Null while it is there. */
  get why(): { readonly error: unknown } | null {
    return this.#why
  }

  /** The first word counts: what follows a loss only repeats it. */
  lose(error: unknown): void {
    if (this.#why) return
    this.#why = { error }
    for (const tell of this.#waiting) tell(error)
    this.#waiting.clear()
  }

  /** What the work comes to, or why the connection is gone: drivers do not always settle what they had in hand. */
  hold<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject).finally(() => this.#waiting.delete(reject))
      if (this.#why) reject(this.#why.error)
      else this.#waiting.add(reject)
    })
  }
}
