import { measureAgain } from '#src/core/blast.ts'
import type { Blast, Settings } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import { isUnattended } from '#src/core/scope.ts'
import { invocationOf } from './invoking.ts'
import { OneByOne } from './one-by-one.ts'
import type { World } from './world.ts'

// The limit of a day is one for all that nobody asked for: whoever makes a plan must see what the others mean to do.

const ofWorlds = new WeakMap<World, OneByOne>()

/** Makes and stores the plan of a run. Of runs that nobody asked for one at a time in a guild, so that the second sees the plan of the first. */
export function planInOrder<T>(world: World, run: Run, plan: () => Promise<T>): Promise<T> {
  if (!isUnattended(run)) return plan()
  const inOrder = ofWorlds.get(world) ?? new OneByOne()
  ofWorlds.set(world, inOrder)
  return inOrder.do(run.guildId, plan)
}

/**
 * Live looks wait for no plan, so some may have been let through while it was made; from its storing on they see it, so that this is asked once it is stored.
 * What the plan comes to beside them, where that is too much; null where it may be done, and where a human approved it.
 */
export async function overtaken(world: World, run: Run, blast: Blast, settings: Settings): Promise<Blast | null> {
  if (!isUnattended(run) || blast.over) return null
  const now = measureAgain(blast, settings, await invocationOf(world, run))
  return now.over ? now : null
}
