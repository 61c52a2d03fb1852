/** Texts remembered with what was read from them: more than one process has guilds for (2,500 a shard). The oldest is forgotten first. */
const MOST_REMEMBERED = 10_000

/** What was read from a stored text, given again for as long as the text is the same: to read settings takes longer than to fetch them. */
export class ReadOnce<Value> {
  readonly #last = new Map<string, { readonly text: string; readonly value: Value }>()

  /** `key` says what the text is of. */
  read(key: string, text: string, readAnew: () => Value): Value {
    const last = this.#last.get(key)
    if (last?.text === text) return last.value
    const value = readAnew()
    this.#last.delete(key)
    this.#last.set(key, { text, value })
    const oldest = this.#last.keys().next()
    if (this.#last.size > MOST_REMEMBERED && !oldest.done) this.#last.delete(oldest.value)
    return value
  }
}
