import type { ClaimColumns } from './claim-columns.ts'
import type { MemberColumns } from './columns.ts'
import type { MaskPair } from './earned-masks.ts'

// Since earned roles are governed ones, the bits in which held and earned differ are the excess and the missing roles together.
// Words are read as signed: only whether they are equal counts, and the engine need not box them. The loops bind what they read to
// constants first and call nothing, and each reads few columns and one small table: that is worth a factor of four.

/** Writes the rows from `start` to `end` that must be looked at into `left`, and gives their number. */
export type Compare = (left: Int32Array, start: number, end: number) => number

interface Held extends MaskPair {
  readonly first: Int32Array
  readonly second: Int32Array
}

/** For governed roles in at most two mask columns: each row is read once. */
export function compareNarrow(roster: MemberColumns, { sets, pairs }: ClaimColumns): Compare {
  const pair = heldIn(roster, pairs[0]!)
  return (left, start, end) => keepDiffering(left, start, end, sets, pair)
}

/** For any number of mask columns: one pair after another for the whole block. */
export function compareWide(roster: MemberColumns, { sets, pairs }: ClaimColumns, blockRows: number): Compare {
  const all = pairs.map((pair) => heldIn(roster, pair))
  const marks = new Int32Array(blockRows)
  return (left, start, end) => {
    marks.fill(0)
    for (const pair of all) markDiffering(marks, start, end, sets, pair)
    return keepMarked(left, start, end, sets, marks)
  }
}

function keepDiffering(left: Int32Array, start: number, end: number, sets: Int32Array, pair: Held): number {
  const { first, second, earned } = pair
  const [governedFirst, governedSecond] = pair.governed
  let found = 0
  for (let row = start; row < end; row++) {
    const at = sets[row]! << 1
    const same =
      at >= 0 &&
      (((first[row]! & governedFirst) ^ earned[at]!) | ((second[row]! & governedSecond) ^ earned[at + 1]!)) === 0
    if (!same) left[found++] = row
  }
  return found
}

function markDiffering(marks: Int32Array, start: number, end: number, sets: Int32Array, pair: Held): void {
  const { first, second, earned } = pair
  const [governedFirst, governedSecond] = pair.governed
  for (let row = start; row < end; row++) {
    const at = sets[row]! << 1
    if (at < 0) continue
    marks[row - start]! |=
      ((first[row]! & governedFirst) ^ earned[at]!) | ((second[row]! & governedSecond) ^ earned[at + 1]!)
  }
}

function keepMarked(left: Int32Array, start: number, end: number, sets: Int32Array, marks: Int32Array): number {
  let found = 0
  for (let row = start; row < end; row++) if (marks[row - start] !== 0 || sets[row]! < 0) left[found++] = row
  return found
}

function heldIn({ words, count }: MemberColumns, pair: MaskPair): Held {
  const [first, second] = pair.columns.map((column) => signed(words[column] ?? new Uint32Array(count)))
  return { ...pair, first: first!, second: second! }
}

function signed(word: Uint32Array): Int32Array {
  return new Int32Array(word.buffer, word.byteOffset, word.length)
}
