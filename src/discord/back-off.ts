import { setTimeout as sleep } from 'node:timers/promises'

/** What waiting needs of the world; handed in by tests so that nothing waits for real. */
export interface Waiting {
  /** Ends early where the signal says that nobody waits any more. Never rejects. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  /** From 0 up to 1. */
  readonly random: () => number
}

export const realWaiting: Waiting = {
  // Its one way to reject is the signal.
  pause: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}).catch(() => {}),
  random: Math.random,
}

/** The pause before try number `tried + 1`: doubled each time up to `longest`, and spread over its upper half so that many do not return at once. */
export function backOff(tried: number, first: number, longest: number, random: () => number): number {
  const whole = Math.min(longest, first * 2 ** Math.min(tried, 30))
  return Math.round(whole / 2 + (whole / 2) * random())
}
