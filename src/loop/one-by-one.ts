/** Does tasks of the same key one after the other, in the order in which they came; what becomes of one is nothing to the next. */
export class OneByOne {
  readonly #last = new Map<string, Promise<unknown>>()

  do<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const done = before.then(task)
    const ended = done.then(
      () => {},
      () => {},
    )
    this.#last.set(key, ended)
    void ended.then(() => {
      if (this.#last.get(key) === ended) this.#last.delete(key)
    })
    return done
  }
}
