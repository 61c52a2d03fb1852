/** Time as the loop is told it, where something is waited for. */
export interface Clock {
  /** Calls `act` once after so many milliseconds; the answer calls it off. */
  after(milliseconds: number, act: () => void): () => void
}
