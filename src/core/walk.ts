import { BOT, type ClaimColumns } from './claim-columns.ts'
import type { MemberColumns } from './columns.ts'
import { compareNarrow, compareWide } from './compare.ts'
import { judge } from './decide.ts'
import type { Counts, Finding } from './model.ts'
import { rowFacts } from './row-facts.ts'
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
 * The survey over columns. What is held and governed is compared with what is earned, 32 roles at a time; the rare row that differs
 * becomes facts about a member and goes through the same `judge` as anybody's. `claims` must have been made of these very columns as they are now.
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
  const factsAt = rowFacts(columns, claims, scope)
  const left = new Int32Array(BLOCK_ROWS)
  const tally = new Tally()
  let bots = 0
  let decided = 0
  for (let start = 0; start < count; start += BLOCK_ROWS) {
    const found = compare(left, start, Math.min(start + BLOCK_ROWS, count))
    for (const row of left.subarray(0, found)) {
      if (sets[row] === BOT) bots++
      else tally.add(judge(factsAt(row), scope))
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
