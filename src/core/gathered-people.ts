import { lengthened, roomFor } from './growth.ts'
import { ACCESS, type Combination, columnsOf, type PeopleColumns } from './people.ts'
import { RowLists } from './row-lists.ts'
import { ROOT, StepTable } from './step-table.ts'
import { type Span, TextColumn } from './text-column.ts'
import { TextIndex } from './text-index.ts'

/** People in one go, between which others may have their turn. */
const STEP = 10_000

/** The groups and states of a source, by the numbers under which people bear them. */
export interface Names {
  readonly groups: readonly string[]
  readonly states: readonly string[]
  /** Whether this state (null: none) and these groups bring the permission; where left out, people have it of their own or not at all. */
  readonly grant?: (state: number | null, groups: readonly number[]) => boolean
}

/**
 * People of whom a source tells in tables: first all of them, then what else they are, in any order and perhaps twice. Ids and names are taken as
 * bytes, so that no string is made for any of a million.
 */
export class GatheredPeople {
  readonly #ids = new TextIndex()
  readonly #usernames = new TextColumn()
  readonly #groups = new RowLists('numbers')
  readonly #links = new RowLists('pairs')
  #flags = new Uint8Array(0)
  /** The state's number + 1; 0: none. */
  #states = new Uint32Array(0)

  get count(): number {
    return this.#ids.count
  }

  /** False where somebody has this id already. */
  add(id: Span, flags: number): boolean {
    const row = this.#ids.add(id)
    if (row < 0) return false
    if (row === this.#flags.length) this.#widen(roomFor(row + 1, row))
    this.#flags[row] = flags
    return true
  }

  /** Other flags than those that `add` was given. */
  mark(row: number, flags: number): void {
    this.#flags[row] = flags
  }

  /** Once for each person, behind `add`; null: a name that is empty. */
  name(username: Span | null): void {
    if (username === null) this.#usernames.add('')
    else this.#usernames.addSpan(username)
  }

  /** -1 where there is nobody of this id. */
  rowOf(id: Span): number {
    return this.#ids.findNear(id)
  }

  /** False where they have another one already. */
  setState(row: number, state: number): boolean {
    const known = this.#states[row]!
    this.#states[row] = state + 1
    return known === 0 || known === state + 1
  }

  join(row: number, group: number): void {
    this.#groups.add(row, group)
  }

  /** A Discord account, in two halves. */
  link(row: number, high: number, low: number): void {
    this.#links.add(row, high, low)
  }

  /** Halts between steps of some milliseconds. Nothing may be added afterwards. */
  *columns(names: Names): Generator<void, PeopleColumns> {
    const { combination, combinations } = yield* this.#combined(names)
    const links = yield* this.#linked()
    const ids = this.#ids.texts.fitted()
    yield
    const usernames = this.#usernames.fitted()
    return columnsOf({ count: this.count, flags: this.#flags, combination, combinations, ...links }, ids, usernames)
  }

  *#combined(names: Names) {
    const { first, values } = yield* this.#groups.sorted(this.count)
    const tree = new CombinationTree(names)
    const combination = new Uint32Array(this.count)
    for (let row = 0; row < this.count; row++) {
      if (row % STEP === STEP - 1) yield
      const number = tree.numberOf(this.#states[row]!, values, first[row]!, first[row + 1]!)
      combination[row] = number
      if (tree.grants[number]) this.#flags[row]! |= ACCESS
    }
    return { combination, combinations: tree.combinations }
  }

  /** Each account once a person. */
  *#linked() {
    const { first, values: linkHigh, seconds: linkLow } = yield* this.#links.sorted(this.count)
    const firstLink = new Uint32Array(this.count + 1)
    let kept = 0
    for (let row = 0; row < this.count; row++) {
      if (row % STEP === STEP - 1) yield
      for (let at = first[row]!; at < first[row + 1]!; at++) {
        if (isAmong(linkHigh, linkLow, firstLink[row]!, kept, at)) continue
        linkHigh[kept] = linkHigh[at]!
        linkLow[kept++] = linkLow[at]!
      }
      firstLink[row + 1] = kept
    }
    return { firstLink, linkHigh, linkLow }
  }

  #widen(rows: number): void {
    this.#flags = lengthened(this.#flags, rows)
    this.#states = lengthened(this.#states, rows)
  }
}

function isAmong(high: Uint32Array, low: Uint32Array, from: number, to: number, one: number): boolean {
  for (let at = from; at < to; at++) if (high[at] === high[one] && low[at] === low[one]) return true
  return false
}

/** A person's groups are few and mostly come in order. */
function sortFew(values: Uint32Array, from: number, end: number): void {
  for (let at = from + 1; at < end; at++) {
    const value = values[at]!
    let to = at
    for (; to > from && values[to - 1]! > value; to--) values[to] = values[to - 1]!
    values[to] = value
  }
}

/** States with groups, each once. They are found by going from group to group, since people are many and their combinations few. */
class CombinationTree {
  readonly combinations: Combination[] = []
  /** Whether the combination of this number brings the permission. */
  readonly grants: boolean[] = []
  readonly #names: Names
  readonly #nodes = new StepTable()
  /** The combination that ends at a node, + 1; 0: none. */
  #ends = new Uint32Array(0)

  constructor(names: Names) {
    this.#names = names
  }

  /** `state` is its number + 1; the groups are those between the two places, in any order and perhaps twice, and are put in order there. */
  numberOf(state: number, groups: Uint32Array, from: number, end: number): number {
    sortFew(groups, from, end)
    let node = this.#nodes.step(ROOT, state)
    for (let at = from; at < end; at++)
      if (at === from || groups[at] !== groups[at - 1]) node = this.#nodes.step(node, groups[at]!)
    if (node >= this.#ends.length) this.#ends = lengthened(this.#ends, roomFor(node + 1, this.#ends.length))
    const known = this.#ends[node]!
    if (known > 0) return known - 1
    this.#ends[node] = this.#make(state === 0 ? null : state - 1, [...new Set(groups.subarray(from, end))])
    return this.#ends[node]! - 1
  }

  /** Returns how many there are then. */
  #make(state: number | null, groups: readonly number[]): number {
    const { groups: groupNames, states, grant } = this.#names
    this.grants.push(grant?.(state, groups) ?? false)
    const named = { state: state === null ? null : states[state]!, groups: groups.map((group) => groupNames[group]!) }
    return this.combinations.push(named)
  }
}
