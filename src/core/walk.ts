import { BOT, type ClaimColumns, makeClaimColumns } from './claim-columns.ts'
import { FLAG_BOT, type MemberColumns } from './columns.ts'
import { decide } from './decide.ts'
import type { EarnedWord } from './entitlements.ts'
import type { Counts, Finding, Id, Member } from './model.ts'
import type { Scope } from './scope.ts'
import { Tally } from './tally.ts'

export { type ClaimColumns, makeClaimColumns }

/** Which path each row took. A fast path that is never taken still gives right results, so benchmarks look here. */
export interface Walked {
  /** Compared with at most two words of governed bits, one row after another. */
  readonly narrow: number
  /** Compared with more, one word after another for a block of rows. */
  readonly wide: number
  /** Rows that had something left, or needed no comparing, and went through `decide` as a plain member. */
  readonly decided: number
}

/**
 * The survey over columns. Held and governed is compared with earned, 32 roles at a time; the rare row that differs becomes a plain member and
 * goes through the same `decide`. `claims` must have been made of these very columns as they are now.
 */
export function walk(
  columns: MemberColumns,
  claims: ClaimColumns,
  scope: Scope,
): { readonly counts: Counts; readonly findings: readonly Finding[]; readonly walked: Walked } {
  if (claims.count !== columns.count) throw new Error('The roster has changed since its claims were laid out.')
  const tally = new Tally()
  const look = (row: number) => tally.add(decide(memberAt(columns, row), claims.claimsAt(row), scope))
  const narrow = claims.words.length <= 2
  const passed = narrow ? walkNarrow(columns, claims, look) : walkWide(columns, claims, look)
  tally.addQuiet('bot_filtered', passed.bots)
  tally.addQuiet('in_order', passed.inOrder)
  const compared = columns.count - passed.bots
  const walked = {
    narrow: narrow ? compared : 0,
    wide: narrow ? 0 : compared,
    decided: compared - passed.inOrder,
  }
  return { ...tally.result(), walked }
}

/** Rows that needed no looking at. */
interface Passed {
  readonly bots: number
  readonly inOrder: number
}

type Look = (row: number) => void

/** One mask column of the roster, with what of it is governed and what each set has earned of that. */
interface Word extends Omit<EarnedWord, 'column'> {
  readonly held: Uint32Array
}

/** At most two words: each row is read once, and nothing is kept in between. */
function walkNarrow(columns: MemberColumns, claims: ClaimColumns, look: Look): Passed {
  const { sets, count } = claims
  const words = wordsOf(columns, claims)
  const a = words[0]!
  const b = words[1] ?? a
  let bots = 0
  let inOrder = 0
  for (let row = 0; row < count; row++) {
    const set = sets[row]!
    if (set === BOT) bots++
    else if (set >= 0 && (differs(a, row, set) | differs(b, row, set)) === 0) inOrder++
    else look(row)
  }
  return { bots, inOrder }
}

/** Excess and missing roles together: since earned roles are governed ones, they are the bits in which held and earned differ. */
function differs({ held, governed, earned }: Word, row: number, set: number): number {
  return (held[row]! & governed) ^ earned[set]!
}

/** Small enough that what is kept of a block stays in the processor's first cache. */
const BLOCK_ROWS = 1024

/** Any number of words, two at a time for a block of rows, so that only a few columns are read side by side. */
function walkWide(columns: MemberColumns, claims: ClaimColumns, look: Look): Passed {
  const { sets, count } = claims
  const words = wordsOf(columns, claims)
  const left = new Int32Array(BLOCK_ROWS)
  let bots = 0
  let inOrder = 0
  for (let start = 0; start < count; start += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, count - start)
    left.fill(0)
    for (let at = 0; at < words.length; at += 2)
      compare(left, rows, start, sets, words[at]!, words[at + 1] ?? words[at]!)
    for (let at = 0; at < rows; at++) {
      const set = sets[start + at]!
      if (set === BOT) bots++
      else if (set >= 0 && left[at] === 0) inOrder++
      else look(start + at)
    }
  }
  return { bots, inOrder }
}

function compare(left: Int32Array, rows: number, start: number, sets: Int32Array, a: Word, b: Word): void {
  for (let at = 0; at < rows; at++) {
    const row = start + at
    // Rows without a set are looked at anyway; set 0 keeps the reading within bounds.
    const set = Math.max(sets[row]!, 0)
    left[at]! |= differs(a, row, set) | differs(b, row, set)
  }
}

function wordsOf(columns: MemberColumns, { words, count }: ClaimColumns): readonly Word[] {
  return words.map((word) => ({ ...word, held: columns.words[word.column] ?? new Uint32Array(count) }))
}

function memberAt(columns: MemberColumns, row: number): Member {
  const { flags, words, roleIds } = columns
  return { id: columns.idAt(row), bot: (flags[row]! & FLAG_BOT) !== 0, roleIds: rolesAt(words, roleIds, row) }
}

function rolesAt(words: readonly Uint32Array[], roleIds: readonly (Id | undefined)[], row: number): readonly Id[] {
  const held: Id[] = []
  for (let column = 0; column < words.length; column++) {
    for (let bits = words[column]![row]!; bits !== 0; bits &= bits - 1) {
      const id = roleIds[column * 32 + lowestBit(bits)]
      if (id !== undefined) held.push(id)
    }
  }
  return held
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
