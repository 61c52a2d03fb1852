/** Time as the relay is told it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `act` once after so many milliseconds; the answer calls it off. */
  after(milliseconds: number, act: () => void): () => void
}
