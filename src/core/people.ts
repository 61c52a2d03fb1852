import { lengthened, roomFor } from './growth.ts'
import { type Halves, readId, toId } from './ids.ts'
import type { Id, Identity } from './model.ts'
import type { TextColumn } from './text-column.ts'

// The people of an identity source as columns, so that a million of them fit and are decided upon without an object for each.

export const ACTIVE = 1
export const SUPERUSER = 2
export const ACCESS = 4

/** A state and groups that people have. People are many and combinations are few, so each is kept once. */
export interface Combination {
  readonly state: string | null
  readonly groups: readonly string[]
}

/** Rows 0 to count-1, in no order. */
export interface PeopleColumns {
  readonly count: number
  /** `ACTIVE`, `SUPERUSER` and `ACCESS`, the permission alone; `mayBeIn` says what follows from them. */
  readonly flags: Uint8Array
  /** The row's place in `combinations`. */
  readonly combination: Uint32Array
  readonly combinations: readonly Combination[]
  /** The links of row r are those from `firstLink[r]` to `firstLink[r + 1]`, each a Discord id in two halves. */
  readonly firstLink: Uint32Array
  readonly linkHigh: Uint32Array
  readonly linkLow: Uint32Array
  identityAt(row: number): Identity
}

/** `hasAccess` (core/access.ts), of a row's flags. */
export const mayBeIn = (flags: number): boolean => (flags & ACTIVE) !== 0 && (flags & (SUPERUSER | ACCESS)) !== 0

export const flagsOf = ({ active, superuser, access }: Pick<Identity, 'active' | 'superuser' | 'access'>): number =>
  (active ? ACTIVE : 0) | (superuser ? SUPERUSER : 0) | (access ? ACCESS : 0)

/** The same the other way round. */
export const wordsOf = (flags: number): Pick<Identity, 'active' | 'superuser' | 'access'> => ({
  active: (flags & ACTIVE) !== 0,
  superuser: (flags & SUPERUSER) !== 0,
  access: (flags & ACCESS) !== 0,
})

/** The identities laid out; `identityAt` gives the very objects. */
export function peopleOf(identities: readonly Identity[]): PeopleColumns {
  const combinations = new Combinations()
  const rows = new Rows()
  for (const identity of identities) {
    rows.add(flagsOf(identity), combinations.of(identity.state, identity.groups))
    for (const id of identity.discordIds) rows.link(id)
  }
  return { ...rows.columns(), combinations: combinations.all, identityAt: (row) => identities[row]! }
}

/** Every identity, one after the other. */
export function* identitiesOf(people: PeopleColumns): Generator<Identity, void> {
  for (let row = 0; row < people.count; row++) yield people.identityAt(row)
}

/** Columns whose ids and names lie in columns, too. */
export function columnsOf(
  columns: Omit<PeopleColumns, 'identityAt'>,
  ids: TextColumn,
  usernames: TextColumn,
): PeopleColumns {
  return { ...columns, identityAt: (row) => new RowIdentity(columns, ids, usernames, row) }
}

class Combinations {
  readonly all: Combination[] = []
  readonly #numbers = new Map<string, number>()

  of(state: string | null, groups: readonly string[]): number {
    // No text stands for two combinations: JSON quotes what would part names.
    const key = JSON.stringify([state, ...groups])
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.all.push({ state, groups }) - 1
    this.#numbers.set(key, number)
    return number
  }
}

type RowColumns = Omit<PeopleColumns, 'combinations' | 'identityAt'>

class Rows {
  count = 0
  #links = 0
  #flags = new Uint8Array(0)
  #combination = new Uint32Array(0)
  #linkRow = new Uint32Array(0)
  #linkHigh = new Uint32Array(0)
  #linkLow = new Uint32Array(0)
  readonly #read: Halves = { high: 0, low: 0 }

  add(flags: number, combination: number): number {
    if (this.count === this.#flags.length) this.#widen(roomFor(this.count + 1, this.#flags.length))
    this.#flags[this.count] = flags
    this.#combination[this.count] = combination
    return this.count++
  }

  /** Of the row that was added last. */
  link(id: Id): void {
    if (!readId(id, this.#read)) return
    if (this.#links === this.#linkRow.length) this.#widenLinks(roomFor(this.#links + 1, this.#linkRow.length))
    this.#linkRow[this.#links] = this.count - 1
    this.#linkHigh[this.#links] = this.#read.high
    this.#linkLow[this.#links] = this.#read.low
    this.#links++
  }

  columns(): RowColumns {
    const rows = { count: this.count, flags: this.#flags, combination: this.#combination }
    return { ...rows, firstLink: this.#firstLinks(), linkHigh: this.#linkHigh, linkLow: this.#linkLow }
  }

  #firstLinks(): Uint32Array {
    const first = new Uint32Array(this.count + 1)
    for (let link = 0; link < this.#links; link++) first[this.#linkRow[link]! + 1]!++
    for (let row = 0; row < this.count; row++) first[row + 1]! += first[row]!
    return first
  }

  #widen(rows: number): void {
    this.#flags = lengthened(this.#flags, rows)
    this.#combination = lengthened(this.#combination, rows)
  }

  #widenLinks(links: number): void {
    this.#linkRow = lengthened(this.#linkRow, links)
    this.#linkHigh = lengthened(this.#linkHigh, links)
    this.#linkLow = lengthened(this.#linkLow, links)
  }
}

/** A person as a row of columns, which do not change once they are whole. */
class RowIdentity implements Identity {
  readonly id: string
  readonly #columns: Omit<PeopleColumns, 'identityAt'>
  readonly #usernames: TextColumn
  readonly #row: number

  constructor(columns: Omit<PeopleColumns, 'identityAt'>, ids: TextColumn, usernames: TextColumn, row: number) {
    this.id = ids.at(row)
    this.#columns = columns
    this.#usernames = usernames
    this.#row = row
  }

  get username(): string {
    return this.#usernames.at(this.#row)
  }

  get active(): boolean {
    return this.#has(ACTIVE)
  }

  get superuser(): boolean {
    return this.#has(SUPERUSER)
  }

  get access(): boolean {
    return this.#has(ACCESS)
  }

  get state(): string | null {
    return this.#combination.state
  }

  get groups(): readonly string[] {
    return this.#combination.groups
  }

  get discordIds(): readonly Id[] {
    const { firstLink, linkHigh, linkLow } = this.#columns
    const ids: Id[] = []
    for (let at = firstLink[this.#row]!; at < firstLink[this.#row + 1]!; at++)
      ids.push(toId(linkHigh[at]!, linkLow[at]!))
    return ids
  }

  get #combination(): Combination {
    return this.#columns.combinations[this.#columns.combination[this.#row]!]!
  }

  #has(flag: number): boolean {
    return (this.#columns.flags[this.#row]! & flag) !== 0
  }
}
