/** Ids in one question. */
const ASKED_AT_ONCE = 500

/** The list in pieces that fit into one question each. */
export function* inBatches<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += ASKED_AT_ONCE) yield list.slice(from, from + ASKED_AT_ONCE)
}
