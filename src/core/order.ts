import type { Id } from './model.ts'

/**
 * Compares two ids as the numbers that they are. Without leading zeros the longer one is the larger, so no BigInt is needed.
 */
export function compareIds(a: Id, b: Id): number {
  if (a.length !== b.length) return a.length - b.length
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** A new list of the distinct ids, sorted as numbers. */
export function sortedIds(ids: Iterable<Id>): readonly Id[] {
  return [...new Set(ids)].sort(compareIds)
}

/** Compares two names by code point. `<` compares UTF-16 units, which puts U+1F600 before U+FF5E. */
export function compareNames(a: string, b: string): number {
  let at = 0
  while (at < a.length && at < b.length) {
    const ours = a.codePointAt(at)!
    const theirs = b.codePointAt(at)!
    if (ours !== theirs) return ours - theirs
    at += ours > 0xffff ? 2 : 1
  }
  return a.length - b.length
}
