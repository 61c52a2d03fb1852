import { BOT, type ClaimColumns } from './claim-columns.ts'
import { FLAG_BOT, type MemberColumns } from './columns.ts'
import { compareNarrow, compareWide } from './compare.ts'
import { decide } from './decide.ts'
import type { Counts, Finding, Id, Member } from './model.ts'
import type { Scope } from './scope.ts'
import { Tally } from './tally.ts'

export { type ClaimColumns, makeClaimColumns } from './claim-columns.ts'

/** Which way the rows went. A fast path that is never taken still gives right results, so benchmarks look here. */
export interface Walked {
  /** Rows compared by at most two columns of governed bits, and by more. */
  readonly narrow: number
  readonly wide: number
  /** Rows that were left over and went through `decide`, each as a plain member. */
  readonly decided: number
}

/** Rows are compared a block at a time and then looked at: what is kept of a block stays in the processor's first cache. */
const BLOCK_ROWS = 1024

/**
 * The survey over columns. What is held and governed is compared with what is earned, 32 roles at a time; the rare row that differs becomes
 * a plain member and goes through the same `decide`. `claims` must have been made of these very columns as they are now.
 */
export function walk(
  columns: MemberColumns,
  claims: ClaimColumns,
  scope: Scope,
): { readonly counts: Counts; readonly findings: readonly Finding[]; readonly walked: Walked } {
  const { count, sets } = claims
  if (count !== columns.count) throw new Error('The roster has changed since its claims were laid out.')
  const narrow = claims.words.length <= 2
  const compare = narrow ? compareNarrow(columns, claims) : compareWide(columns, claims, BLOCK_ROWS)
  const left = new Int32Array(BLOCK_ROWS)
  const tally = new Tally()
  let bots = 0
  let decided = 0
  for (let start = 0; start < count; start += BLOCK_ROWS) {
    const found = compare(left, start, Math.min(start + BLOCK_ROWS, count))
    for (const row of left.subarray(0, found)) {
      if (sets[row] === BOT) bots++
      else tally.add(decide(memberAt(columns, row), claims.claimsAt(row), scope))
      decided++
    }
  }
  tally.addQuiet('bot_filtered', bots)
  tally.addQuiet('in_order', count - decided)
  return {
    ...tally.result(),
    walked: { narrow: narrow ? count : 0, wide: narrow ? 0 : count, decided: decided - bots },
  }
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
