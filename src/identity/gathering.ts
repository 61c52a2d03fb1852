/** Keys in one answer. */
const MOST = 1_000

interface Round<Answer> {
  readonly keys: Set<string>
  readonly answer: PromiseWithResolvers<Answer>
}

/**
 * Answers those together who ask at the same time: while one answer is being made, whoever asks waits for the next, which begins after they asked and
 * is made of what all of them asked. So a rush of questions costs two answers and not hundreds.
 */
export class Gathering<Key extends string, Answer> {
  readonly #make: (keys: readonly Key[]) => Promise<Answer>
  readonly #waiting: Round<Answer>[] = []
  #busy = false

  constructor(make: (keys: readonly Key[]) => Promise<Answer>) {
    this.#make = make
  }

  /** The answer holds what was asked, and may hold more. */
  ask(keys: readonly Key[]): Promise<Answer> {
    const round = this.#roundFor(keys)
    for (const key of keys) round.keys.add(key)
    if (!this.#busy) void this.#work()
    return round.answer.promise
  }

  #roundFor(keys: readonly Key[]): Round<Answer> {
    const last = this.#waiting.at(-1)
    if (last && last.keys.size + keys.length <= MOST) return last
    const round = { keys: new Set<string>(), answer: Promise.withResolvers<Answer>() }
    this.#waiting.push(round)
    return round
  }

  async #work(): Promise<void> {
    this.#busy = true
    for (let round = this.#waiting.shift(); round; round = this.#waiting.shift()) {
      const { keys, answer } = round
      await this.#make([...keys] as Key[]).then(answer.resolve, answer.reject)
    }
    this.#busy = false
  }
}
