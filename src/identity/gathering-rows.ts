import { GatheredPeople } from '#src/core/gathered-people.ts'
import { type Halves, readId } from '#src/core/ids.ts'
import type { Id, Identity } from '#src/core/model.ts'
import { flagsOf, type PeopleColumns } from '#src/core/people.ts'
import type { Span } from '#src/core/text-column.ts'
import { inSteps } from './steps.ts'

/** A person as a row of one table; groups and links come by others. */
export type Alone = Omit<Identity, 'groups' | 'discordIds'>

/** Bytes that a UTF-16 code unit takes in UTF-8 at most. */
const WIDEST = 3

/** People in columns, of whom a driver tells row by row in objects. What is said of somebody who was not told of says nothing of anybody. */
export class RowGathering {
  readonly #people = new GatheredPeople()
  readonly #groups = new Numbers()
  readonly #states = new Numbers()
  readonly #account: Halves = { high: 0, low: 0 }
  readonly #span = new TextSpan()

  person(row: Alone): void {
    const added = this.#people.add(this.#span.of(row.id), flagsOf(row))
    if (!added) throw new Error('A person was told of twice.')
    this.#people.name(this.#span.of(row.username))
    if (row.state !== null) this.#people.setState(this.#people.count - 1, this.#states.of(row.state))
  }

  membership(personId: string, group: string): void {
    const row = this.#people.rowOf(this.#span.of(personId))
    if (row >= 0) this.#people.join(row, this.#groups.of(group))
  }

  link(personId: string, discordId: Id): void {
    const row = this.#people.rowOf(this.#span.of(personId))
    if (row >= 0 && readId(discordId, this.#account)) this.#people.link(row, this.#account.high, this.#account.low)
  }

  columns(): Promise<PeopleColumns> {
    return inSteps(this.#people.columns({ groups: this.#groups.texts, states: this.#states.texts }))
  }
}

/** Texts by the order in which they came. */
class Numbers {
  readonly texts: string[] = []
  readonly #numbers = new Map<string, number>()

  of(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.texts.push(text) - 1
    this.#numbers.set(text, number)
    return number
  }
}

/** A text as UTF-8, until the next one is asked for. */
class TextSpan {
  readonly #encoder = new TextEncoder()
  readonly #span: Span = { bytes: new Uint8Array(1_024), from: 0, to: 0 }

  of(text: string): Span {
    const span = this.#span
    const room = text.length * WIDEST
    if (room > span.bytes.length) span.bytes = new Uint8Array(room)
    span.to = this.#encoder.encodeInto(text, span.bytes).written
    return span
  }
}
