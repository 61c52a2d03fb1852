import type { World } from './world.ts'

// What could not be written down when it came, since the database was away: it is written when that is back. Where the process ends before that, the
// next start finds it open, and looks.

/** More than all guilds have in hand at once. */
const MOST = 1_000
/** About an hour, at one a minute. */
const MOST_TRIES = 60

interface Unwritten {
  readonly write: () => Promise<unknown>
  tries: number
}

const ofWorlds = new WeakMap<World, Set<Unwritten>>()

function unwritten(world: World): Set<Unwritten> {
  const known = ofWorlds.get(world) ?? new Set<Unwritten>()
  ofWorlds.set(world, known)
  return known
}

/** Keeps what somebody has just tried to write in vain. */
export function writeLater(world: World, write: () => Promise<unknown>): void {
  const kept = unwritten(world)
  if (kept.size < MOST) kept.add({ write, tries: 0 })
}

/** Tries once more to write what is kept, the oldest first. Called each minute; never rejects. */
export async function writeNow(world: World): Promise<void> {
  const kept = unwritten(world)
  for (const one of [...kept]) {
    // Whoever acts in this one's place settles what it left, in its own way.
    if (!world.mayAct()) return
    try {
      await one.write()
      kept.delete(one)
    } catch (error) {
      one.tries += 1
      if (one.tries < MOST_TRIES) continue
      kept.delete(one)
      world.notice('something could not be written down, and is left to the next start', { error })
    }
  }
}
