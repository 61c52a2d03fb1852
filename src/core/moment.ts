/** When something was, by two clocks: one that only ever grows, and the one on the wall, which may be set but goes on while the machine sleeps. */
export interface Moment {
  readonly elapsed: number
  readonly now: number
}

/** Milliseconds from the one to the other, by whichever clock says more: of a machine that was suspended the first clock knows nothing. */
export const msBetween = (then: Moment, now: Moment): number => Math.max(now.elapsed - then.elapsed, now.now - then.now)
