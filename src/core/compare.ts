import type { ClaimColumns } from './claim-columns.ts'
import type { MemberColumns } from './columns.ts'
import type { EarnedWord } from './earned-masks.ts'

// Since earned roles are governed ones, the bits in which held and earned differ are the excess and the missing roles together.
// Words are read as signed: only whether they are equal counts, and the engine need not box them. The loops bind what they read to
// constants first and call nothing, and each reads few columns and small tables: that is worth a factor of four.

/** Writes the rows from `start` to `end` that must be looked at into `left`, and gives their number. */
export type Compare = (left: Int32Array, start: number, end: number) => number

interface Word extends EarnedWord {
  readonly held: Int32Array
}

/** For governed roles in at most two mask columns: each row is read once. */
export function compareNarrow(roster: MemberColumns, claims: ClaimColumns): Compare {
  const words = wordsOf(roster, claims)
  const a = words[0]!
  const b = words[1] ?? a
  return (left, start, end) => keepDiffering(left, start, end, claims.sets, a, b)
}

/** For any number of mask columns: two after two for the whole block, and each of them read from its beginning to its end. */
export function compareWide(roster: MemberColumns, claims: ClaimColumns, blockRows: number): Compare {
  const words = wordsOf(roster, claims).map((word, at) => ({ ...word, earned: claims.earnedRows[at]! }))
  const marks = new Int32Array(blockRows)
  return (left, start, end) => {
    marks.fill(0)
    for (let at = 0; at < words.length; at += 2) {
      markDiffering(marks, start, end, words[at]!, words[at + 1] ?? words[at]!)
    }
    return keepMarked(left, start, end, claims.sets, marks)
  }
}

function keepDiffering(left: Int32Array, start: number, end: number, sets: Int32Array, a: Word, b: Word): number {
  const { held: heldA, governed: governedA, earned: earnedA } = a
  const { held: heldB, governed: governedB, earned: earnedB } = b
  let found = 0
  for (let row = start; row < end; row++) {
    const set = sets[row]!
    const same =
      set >= 0 && (((heldA[row]! & governedA) ^ earnedA[set]!) | ((heldB[row]! & governedB) ^ earnedB[set]!)) === 0
    if (!same) left[found++] = row
  }
  return found
}

/** What was earned stands row by row here. */
function markDiffering(marks: Int32Array, start: number, end: number, a: Word, b: Word): void {
  const { held: heldA, governed: governedA, earned: earnedA } = a
  const { held: heldB, governed: governedB, earned: earnedB } = b
  for (let row = start; row < end; row++) {
    // A row without a set is kept anyway, whatever this comes to: a branch here would cost more.
    marks[row - start]! |= ((heldA[row]! & governedA) ^ earnedA[row]!) | ((heldB[row]! & governedB) ^ earnedB[row]!)
  }
}

function keepMarked(left: Int32Array, start: number, end: number, sets: Int32Array, marks: Int32Array): number {
  let found = 0
  for (let row = start; row < end; row++) if (marks[row - start] !== 0 || sets[row]! < 0) left[found++] = row
  return found
}

function wordsOf({ words, count }: MemberColumns, claims: ClaimColumns): readonly Word[] {
  return claims.words.map((word) => ({ ...word, held: signed(words[word.column] ?? new Uint32Array(count)) }))
}

function signed(word: Uint32Array): Int32Array {
  return new Int32Array(word.buffer, word.byteOffset, word.length)
}
