import { confirmByReading } from './act.ts'
import type { World } from './world.ts'

// What a killed process left behind: acts that were intended, and of which nobody knows whether they happened.

/** Open intents settled at one start; an act's worth each, so that more than this would be a fault. */
const MAX_OPEN = 1_000

/** Looks at each member of an open intent and writes what is seen; `unknown` where Discord does not say. Returns how many were settled. */
export async function settleOpenIntents(world: World): Promise<number> {
  const open = await world.book.openIntents(MAX_OPEN)
  for (const intent of open) {
    const detail = 'The bot was cut off during this act; this is what Discord showed at its next start.'
    const seen = await confirmByReading(world, intent.act, intent.act.kind === 'add_role', detail)
    await world.book.settle(intent, seen.outcome, seen.detail ?? detail, world.now())
  }
  return open.length
}
