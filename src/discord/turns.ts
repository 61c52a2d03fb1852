/** The process's own time and turns; handed in by tests. */
export interface Turns {
  /** Milliseconds that only ever grow. */
  now(): number
  /** Calls `act` once, after whatever else has come meanwhile; the answer calls it off. */
  next(act: () => void): () => void
  /** The same after so many milliseconds. */
  after(milliseconds: number, act: () => void): () => void
}

export const realTurns: Turns = {
  now: () => performance.now(),
  next: (act) => {
    const turn = setImmediate(act)
    return () => clearImmediate(turn)
  },
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds)
    return () => clearTimeout(timer)
  },
}
