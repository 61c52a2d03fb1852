import type { Run } from '#src/core/run.ts'
import { runsAtWork } from './at-work.ts'
import { confirmByReading, type Seen } from './confirm.ts'
import { writeNow } from './unwritten.ts'
import type { World } from './world.ts'

// What a killed process left behind: acts that were intended, and of which nobody knows whether they happened; and runs that nobody is at work on.

/** Open intents settled at one start; an act's worth each, so that more than this would be a fault. */
const MAX_OPEN = 1_000
const CUT_OFF = 'The bot was cut off during this act; this is what Discord showed at its next start.'
const UNSEEN: Seen = {
  outcome: 'unknown',
  detail: 'The bot was cut off during this act, and Discord took too long at its next start to show what came of it.',
}
/** How long Discord is asked about all of them; a look takes a part of a second. */
const PATIENCE_MS = 120_000
/** A run at work ends by itself when its deadline passes; one that has not by then is at work nowhere. */
const GRACE_MS = 300_000
/** Live acts of a guild within an hour count as one run (docs/semantics.md, blast radius). */
const LIVE_RUN_MS = 3_600_000

/**
 * Looks at each member of an open intent and writes what is seen; `unknown` where Discord does not say, or not in time: acts of our own wait for the end
 * of this, since what they do would be seen too. To be called where this process acts by now. Returns how many were settled.
 */
export async function settleOpenIntents(world: World): Promise<number> {
  const open = await world.book.openIntents(MAX_OPEN)
  const until = world.elapsed() + PATIENCE_MS
  let settled = 0
  for (const intent of open) {
    if (!world.mayAct()) break
    const seen = world.elapsed() < until ? await confirmByReading(world, intent.act, CUT_OFF) : UNSEEN
    await world.book.settle(intent, seen.outcome, seen.detail ?? CUT_OFF, world.now())
    settled += 1
  }
  return settled
}

/** Ends what stands as under way past its time: runs whose end could not be stored or whose deadline passed, and runs of live acts whose hour is over. */
export async function tidyRuns(world: World): Promise<readonly Run[]> {
  if (!world.mayAct()) return []
  await writeNow(world)
  const now = world.now()
  const overdue = await world.book.interruptOverdue(runsAtWork(world), now, GRACE_MS)
  return [...overdue, ...(await world.book.closeLiveRuns(now - LIVE_RUN_MS, now))]
}
