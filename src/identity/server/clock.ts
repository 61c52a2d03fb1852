/** Time and chance as a connection is told them, so that a test can pass time by hand. */
export interface Clock {
  /** Calls `act` once after so many milliseconds; the answer calls it off. */
  after(milliseconds: number, act: () => void): () => void
  /** From 0 up to 1. */
  random(): number
}

export const realClock: Clock = {
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

/** What the work comes to, or what `late` says once it takes longer than this. Work that is given up may still fail; that is nobody's any more. */
export async function within<T>(work: Promise<T>, ms: number, clock: Clock, late: () => Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const callOff = clock.after(ms, () => reject(late()))
  work.catch(() => {})
  try {
    return await Promise.race([work, promise])
  } finally {
    callOff()
  }
}

/** Resolves after so many milliseconds, or as soon as the signal says that nobody waits any more. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const over = () => {
      callOff()
      signal.removeEventListener('abort', over)
      resolve()
    }
    const callOff = clock.after(ms, over)
    signal.addEventListener('abort', over)
  })
}
