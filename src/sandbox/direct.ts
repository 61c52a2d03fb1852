import type { Id, Snowflakes } from './snowflake.ts'

/** The bot's conversations with one person each, and who wants none. */
export class DirectChannels {
  readonly #ids: Snowflakes
  readonly #byPerson = new Map<Id, Id>()
  readonly #refusing = new Set<Id>()

  constructor(ids: Snowflakes) {
    this.#ids = ids
  }

  /** The conversation with this person, made where there was none. */
  open(personId: Id): Id {
    const known = this.#byPerson.get(personId)
    if (known !== undefined) return known
    const id = this.#ids.next()
    this.#byPerson.set(personId, id)
    return id
  }

  /** Undefined where nobody has opened it. */
  with(personId: Id): Id | undefined {
    return this.#byPerson.get(personId)
  }

  personIn(channelId: Id): Id | undefined {
    return [...this.#byPerson].find(([, id]) => id === channelId)?.[0]
  }

  /** From now on this person takes no messages: they are answered 50007. */
  refuse(personId: Id): void {
    this.#refusing.add(personId)
  }

  accept(personId: Id): void {
    this.#refusing.delete(personId)
  }

  takesMessages(personId: Id): boolean {
    return !this.#refusing.has(personId)
  }
}
