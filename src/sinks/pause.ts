// How long a sink is left in peace after something went wrong.

/** Tries with growing pauses, half a minute together; what still fails then is no passing hiccup. */
export const TRIES = 8
const FIRST_MS = 500
/** Whoever mends a sink need not wait longer than this for what it missed. */
export const LONGEST_MS = 60_000
/** The longest that another side may ask for. */
const LONGEST_ASKED_MS = 15 * 60_000

/**
 * The pause before the next try, after so many in a row that failed: grown by doubling and drawn from all of it (full jitter), and the longest one after
 * the last try. What the other side asked for is kept to, within bounds.
 */
export function pauseAfter(failed: number, askedMs: number | null, random: () => number): number {
  const own = failed >= TRIES ? LONGEST_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** failed) * random()
  const asked = askedMs === null || Number.isNaN(askedMs) ? 0 : askedMs
  return Math.max(own, Math.min(asked, LONGEST_ASKED_MS))
}
