/** So much sooner than the row would be ended from outside, so that it can still put its things away. */
const HEADROOM_MS = 30_000

/** Rejects a while before the row's deadline, counted from the start of its process. */
export async function soonEnough<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const leftMs = deadlineMs - HEADROOM_MS - performance.now()
  const timer = setTimeout(
    () => late.reject(new Error(`not done after ${(deadlineMs - HEADROOM_MS) / 1_000} s`)),
    leftMs,
  )
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
