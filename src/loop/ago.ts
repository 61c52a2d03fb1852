import type { World } from './world.ts'

// The clock on the wall may be set to another time, and what was done bears the time of before. So a limit over time is kept by both clocks.

/** How far the clock on the wall was ahead of the time measured, and from when on; that by the world's `elapsed`. */
interface Setting {
  readonly aheadMs: number
  readonly from: number
}

/** A clock goes a little wrong without anybody setting it. */
const DRIFT_MS = 1_000
/** Settings remembered. Nobody sets a clock so often; past it the two oldest count as one, so that sooner too much is counted than too little. */
const MAX_SETTINGS = 100

const ofWorlds = new WeakMap<World, Setting[]>()

/**
 * The moment so long ago, in ms since the epoch: what was done since then bears this time or a later one, however the clock was set in between.
 * A clock that was set back lets what lies beyond count as well.
 */
export function momentAgo(world: World, milliseconds: number): number {
  const elapsed = world.elapsed()
  const aheadMs = world.now() - elapsed
  const settings = settingsOf(world, { aheadMs, from: elapsed })
  const since = elapsed - milliseconds
  const inForce = settings.filter((_, at) => (settings[at + 1]?.from ?? elapsed) >= since)
  return since + Math.min(aheadMs, ...inForce.map((setting) => setting.aheadMs))
}

/** Those seen until now, the oldest first: one holds until the next was seen. */
function settingsOf(world: World, now: Setting): readonly Setting[] {
  const seen = ofWorlds.get(world) ?? []
  ofWorlds.set(world, seen)
  const last = seen.at(-1)
  if (!last || Math.abs(now.aheadMs - last.aheadMs) >= DRIFT_MS) seen.push(now)
  const [oldest, second] = seen
  if (seen.length > MAX_SETTINGS && oldest && second)
    seen.splice(0, 2, { aheadMs: Math.min(oldest.aheadMs, second.aheadMs), from: oldest.from })
  return seen
}
