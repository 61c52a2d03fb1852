import { takesSomething } from '#src/core/harm.ts'
import type { Id } from '#src/core/model.ts'
import type { World } from './world.ts'

const warned = new WeakMap<World, Set<Id>>()

/** Tells the moderators, once a start, of a policy that takes something while nothing is armed: what is found is only reported. */
export async function warnIfHarmless(world: World, guildId: Id): Promise<void> {
  const known = warned.get(world) ?? new Set<Id>()
  warned.set(world, known)
  if (known.has(guildId)) return
  const { policy, armed } = await world.book.settings(guildId)
  if (!takesSomething(policy) || armed.schedule || armed.realtime) return
  known.add(guildId)
  world.tell(guildId, { kind: 'nothing_armed' })
}
