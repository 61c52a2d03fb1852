import type { World } from './world.ts'

const ofWorlds = new WeakMap<World, Set<string>>()

/** The runs that this process is at work on, those of live acts among them; a row that says `running` and is none of them was left behind. */
export function runsAtWork(world: World): Set<string> {
  const known = ofWorlds.get(world) ?? new Set<string>()
  ofWorlds.set(world, known)
  return known
}
