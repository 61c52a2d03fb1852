import { vitalsOfColumns } from '#src/core/counted-people.ts'
import { GatheredPeople } from '#src/core/gathered-people.ts'
import { type Halves, readIdBytes } from '#src/core/ids.ts'
import { ACCESS, ACTIVE, type PeopleColumns, SUPERUSER } from '#src/core/people.ts'
import type { Span } from '#src/core/text-column.ts'
import { TextIndex } from '#src/core/text-index.ts'
import { MOST_NAMES, tooManyNames } from '../limits.ts'
import type { Fields } from '../server/server.ts'
import { inSteps } from '../steps.ts'
import { nameless, nobodysLink, noDiscordId, twice, unknownPerson, unsaid } from './faults.ts'
import type { Measured } from './measure.ts'
import { LINKS, MEMBERSHIPS } from './views.ts'

const ONE = '1'.charCodeAt(0)
const NOUGHT = '0'.charCodeAt(0)
const T = 't'.charCodeAt(0)
const F = 'f'.charCodeAt(0)

/**
 * People whose groups and links come after them, in no order and perhaps twice, as views give them. Each row that says something is looked at, so that
 * views which contradict themselves are refused here as they are by `measure`.
 */
export class Assembly {
  readonly #people = new GatheredPeople()
  readonly #states = new TextIndex()
  readonly #groups = new TextIndex()
  readonly #account: Halves = { high: 0, low: 0 }

  get count(): number {
    return this.#people.count
  }

  /** The columns: id, username, state, active, superuser, access. */
  addPerson(fields: Fields): void {
    const id = fields.utf8(0)
    if (id === null) {
      this.#declareState(fields)
      return
    }
    if (!this.#people.add(id, 0)) throw twice(fields.text(0)!)
    const row = this.count - 1
    this.#people.mark(row, flag(fields, 3, ACTIVE) | flag(fields, 4, SUPERUSER) | flag(fields, 5, ACCESS))
    this.#people.name(fields.utf8(1))
    const state = fields.utf8(2)
    if (state !== null) this.#people.setState(row, numberIn(this.#states, state))
  }

  /** The columns: the person's id, and the group. Without a person it declares a group. */
  addMembership(fields: Fields): void {
    const row = this.#rowOf(fields, MEMBERSHIPS)
    const name = fields.utf8(1)
    if (name === null) return
    const group = numberIn(this.#groups, name)
    if (row !== null) this.#people.join(row, group)
  }

  /** The columns: the person's id, and the Discord id. */
  addLink(fields: Fields): void {
    const row = this.#rowOf(fields, LINKS)
    const account = fields.utf8(1)
    if (account === null) return
    const isId = readIdBytes(account, this.#account) && this.#account.high + this.#account.low > 0
    if (!isId) throw noDiscordId(fields.text(1)!)
    if (row === null) throw nobodysLink(fields.text(1)!)
    this.#people.link(row, this.#account.high, this.#account.low)
  }

  async whole(): Promise<Measured & { readonly people: PeopleColumns }> {
    const names = { groups: textsOf(this.#groups), states: textsOf(this.#states), reservedNames: [] }
    const people = await inSteps(this.#people.columns(names))
    return { names, people, vitals: await inSteps(vitalsOfColumns(people, names)) }
  }

  #declareState(fields: Fields): void {
    const state = fields.utf8(2)
    if (state === null || fields.text(1) !== null) throw nameless()
    numberIn(this.#states, state)
  }

  /** Null where the row names nobody. */
  #rowOf(fields: Fields, view: string): number | null {
    const id = fields.utf8(0)
    if (id === null) return null
    const row = this.#people.rowOf(id)
    if (row < 0) throw unknownPerson(fields.text(0)!, view)
    return row
  }
}

/** Of a truth as a server writes it; what is neither true nor false may mean anything. */
function flag(fields: Fields, column: number, of: number): number {
  const said = fields.utf8(column)
  const letter = said !== null && said.to - said.from === 1 ? said.bytes[said.from] : null
  if (letter === ONE || letter === T) return of
  if (letter === NOUGHT || letter === F) return 0
  throw unsaid(fields.text(0)!)
}

function numberIn(index: TextIndex, text: Span): number {
  const known = index.find(text)
  if (known >= 0) return known
  if (index.count === MOST_NAMES) throw tooManyNames()
  return index.add(text)
}

const textsOf = ({ count, texts }: TextIndex): readonly string[] =>
  Array.from({ length: count }, (_, at) => texts.at(at))
