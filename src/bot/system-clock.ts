import type { Clock } from '#src/roster/clock.ts'

/** The machine's own time. Its waits keep no process alive. */
export const systemClock: Clock = {
  now: Date.now,
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
