import type { KeyObject } from 'node:crypto'
import { Refusal } from '#src/core/refusal.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { Db } from '#src/store/handle.ts'
import type { Log } from '#src/telemetry/log.ts'
import { TrailFault } from '#src/trail/check.ts'
import { dueChains, makeCheckpoint } from '#src/trail/checkpoints.ts'
import { openKey } from '#src/trail/key.ts'
import { every } from './ticker.ts'

const EVERY_MS = 60_000
/** Chains in one turn; those that are left come in the next. */
const AT_ONCE = 100

/** Signs the record as it grows, until the returned function is called. Where there is no key the bot works on, unsigned, and says so. */
export async function keepSigning(
  { db, clock, log }: { readonly db: Db; readonly clock: Clock; readonly log: Log },
  keyFile: string,
): Promise<() => Promise<void>> {
  const key = await keyOrNull(keyFile, log)
  if (key === null) return async () => {}
  /** A chain that was altered is told of once; what is altered stays so. */
  const told = new Set<string>()
  return every({ clock, log }, EVERY_MS, 'signing the record', async () => {
    for (const head of await dueChains(db, clock.now(), AT_ONCE)) {
      try {
        if (!told.has(head.chain)) await makeCheckpoint(db, head, key, clock.now())
      } catch (error) {
        if (!(error instanceof TrailFault)) throw error
        told.add(head.chain)
        log.error(
          { chain: head.chain },
          `The record was altered behind the bot's back, and is not signed any more. ${error.message} Look at who can write in the database; \`rolecall trail verify\` says more.`,
        )
      }
    }
  })
}

async function keyOrNull(keyFile: string, log: Log): Promise<KeyObject | null> {
  try {
    return await openKey(keyFile)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    log.error({}, `The record is not signed. ${error.message}`)
    return null
  }
}
