/** Stands for a result that was no longer waited for. */
export const ABORTED = Symbol('aborted')

/** The work's result, or `ABORTED` as soon as the signal says so; what the work does then is nobody's. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | typeof ABORTED> {
  const { promise: aborted, resolve } = Promise.withResolvers<typeof ABORTED>()
  const abort = () => resolve(ABORTED)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
