import { ByteReader, ByteWriter } from './bytes.ts'
import { toId } from './ids.ts'
import type { Identity } from './model.ts'
import { type Combination, type PeopleColumns, wordsOf } from './people.ts'

// People as bytes, to be compared with later: who they were by their ids, what they had and which accounts were theirs. Names of people are left out:
// whoever is still there has one at the source, and whoever is gone needs none kept.

/** Rows in one part, and combinations: so many are written in a few milliseconds. */
const ROWS = 8_192

/** What people have as the first parts, and then the people. The same people in the same rows come out as the same bytes. */
export function* packedParts(people: PeopleColumns): Generator<Uint8Array, void> {
  const { combinations, count } = people
  for (let from = 0; from < combinations.length; from += ROWS)
    yield packCombinations(combinations.slice(from, from + ROWS))
  for (let from = 0; from < count; from += ROWS) yield packRows(people, from, Math.min(from + ROWS, count))
}

/** Names stand in many combinations, so each is written once. In the place of no state stands 0. */
function packCombinations(combinations: readonly Combination[]): Uint8Array {
  const bytes = new ByteWriter()
  const names = new Map<string, number>()
  for (const { state, groups } of combinations)
    for (const name of state === null ? groups : [state, ...groups]) if (!names.has(name)) names.set(name, names.size)
  bytes.count(names.size)
  for (const name of names.keys()) bytes.text(name)
  bytes.count(combinations.length)
  for (const { state, groups } of combinations) {
    bytes.count(state === null ? 0 : names.get(state)! + 1)
    bytes.count(groups.length)
    for (const group of groups) bytes.count(names.get(group)!)
  }
  return bytes.written()
}

/** As a part in which nobody is given anything that the parts before it have not named. */
function packRows(people: PeopleColumns, from: number, to: number): Uint8Array {
  const bytes = new ByteWriter()
  bytes.count(0)
  bytes.count(0)
  for (let row = from; row < to; row++) {
    bytes.text(people.identityAt(row).id)
    bytes.count(people.flags[row]!)
    bytes.count(people.combination[row]!)
    packLinks(bytes, people, row)
  }
  return bytes.written()
}

function packLinks(bytes: ByteWriter, { firstLink, linkHigh, linkLow }: PeopleColumns, row: number): void {
  const [start, end] = [firstLink[row]!, firstLink[row + 1]!]
  bytes.count(end - start)
  for (let link = start; link < end; link++) {
    bytes.word(linkHigh[link]!)
    bytes.word(linkLow[link]!)
  }
}

/** Reads parts in their order. */
export class Unpacking {
  readonly #combinations: Combination[] = []

  /** The people of this part as they were packed, each with an empty name. Throws `RangeError` where the bytes are not whole. */
  read(part: Uint8Array): readonly Identity[] {
    const bytes = new ByteReader(part)
    this.#combinations.push(...readCombinations(bytes))
    const people: Identity[] = []
    while (!bytes.isAtEnd) people.push(this.#person(bytes))
    return people
  }

  #person(bytes: ByteReader): Identity {
    const id = bytes.text()
    const flags = bytes.count()
    const combination = this.#combinations[bytes.count()]
    if (!combination) throw new RangeError('A part is missing: it would have said what somebody has.')
    const discordIds = listOf(bytes, () => toId(bytes.word(), bytes.word()))
    return { id, username: '', ...wordsOf(flags), ...combination, discordIds }
  }
}

function readCombinations(bytes: ByteReader): readonly Combination[] {
  const names = listOf(bytes, () => bytes.text())
  return listOf(bytes, () => {
    const state = bytes.count()
    const groups = listOf(bytes, () => names[bytes.count()]!)
    return { state: state === 0 ? null : names[state - 1]!, groups }
  })
}

function listOf<T>(bytes: ByteReader, read: () => T): readonly T[] {
  const list: T[] = []
  for (let left = bytes.count(); left > 0; left--) list.push(read())
  return list
}
