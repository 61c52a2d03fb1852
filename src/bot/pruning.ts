import { Refusal } from '#src/core/refusal.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { Db } from '#src/store/handle.ts'
import type { Log } from '#src/telemetry/log.ts'
import type { Append } from '#src/trail/append.ts'
import { openKey } from '#src/trail/key.ts'
import { DAY_MS, prune } from './prune.ts'
import { every } from './ticker.ts'

/** A bot that is started each day is never up for a whole one. */
const EVERY_MS = 3_600_000

interface Parts {
  readonly db: Db
  readonly append: Append
  readonly clock: Clock
  readonly log: Log
  /** False where another bot may act in this one's place. */
  readonly mayAct: () => boolean
}

/** Once a day lets go what is older than it is kept, an hour after the start at first, until the returned function is called. */
export function keepPruning(parts: Parts, days: number | null, keyFile: string): () => Promise<void> {
  const over = new AbortController()
  let last = Number.NEGATIVE_INFINITY
  const end = every(parts, EVERY_MS, 'removing what is older than it is kept', async () => {
    const now = parts.clock.now()
    if (now - last < DAY_MS || !parts.mayAct()) return
    last = now
    await pruneOnce(parts, days, keyFile, over.signal)
  })
  return async () => {
    over.abort()
    await end()
  }
}

async function pruneOnce(
  { db, append, clock, log }: Parts,
  days: number | null,
  keyFile: string,
  signal: AbortSignal,
): Promise<void> {
  const key = await openKey(keyFile).catch((error: unknown) => {
    // That the record is not signed is said where it is signed.
    if (error instanceof Refusal) return null
    throw error
  })
  if (key === null) return
  const { rows, cuts } = await prune(
    { db, append, key, days, now: clock.now() },
    {
      actor: 'system:retention',
      signal,
      onProgress: () => {},
      onFault: (chain, { message }) =>
        log.error(
          { chain },
          `Old lines of the record were not removed. ${message} \`rolecall trail verify\` says more.`,
        ),
    },
  )
  for (const [guildId, removed] of rows)
    if (Object.values(removed).some((count) => count > 0))
      log.info({ guildId, removed }, 'removed what was older than it is kept')
  for (const { chain, upTo } of cuts)
    log.info({ chain, upTo }, 'removed old lines of the record, under a signed checkpoint')
}
