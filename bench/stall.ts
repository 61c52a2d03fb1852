import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Timers tick so often, in ms. */
const TICK_MS = 1

/** Does the work, and says how long it took and for how long at most the event loop stood still meanwhile, in ms. */
export async function withStalls<T>(work: () => Promise<T>) {
  const ticks = monitorEventLoopDelay({ resolution: TICK_MS })
  ticks.enable()
  const began = performance.now()
  const value = await work()
  const ms = performance.now() - began
  // A standstill shows at the tick behind it.
  await new Promise((resolve) => setTimeout(resolve, 2 * TICK_MS))
  ticks.disable()
  return { value, ms, stallMs: Math.max(0, ticks.max / 1e6 - TICK_MS) }
}
