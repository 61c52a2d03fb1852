import { and, asc, eq, lte, sql } from 'drizzle-orm'
import type { NewRun } from '#src/core/run.ts'
import type { Db } from './handle.ts'
import { idempotencyKeys } from './schema/runs.ts'

// A request that comes twice is one run: its key is kept for a time of its own, which has nothing to do with how long the run takes.

/** Longer than anybody tries the same request again: Discord's interactions live for 15 minutes, a week of outage is mended by hand. */
const KEY_LIFE_MS = 7 * 24 * 3_600_000
/** Expired keys that go with each one that is written, so that they go quicker than they come and none is waited for long. */
const SWEPT_AT_ONCE = 50

/**
 * Takes the request's key for this run. Returns the id of the run that has it where one does; null where it is this one's now.
 * Whoever takes the same key at the same time waits here until this transaction has ended.
 */
export async function takeKey(tx: Db, { guildId, idempotencyKey, id, at }: NewRun): Promise<string | null> {
  const own = { runId: id, at, expiresAt: at + KEY_LIFE_MS }
  const [taken] = await tx
    .insert(idempotencyKeys)
    .values({ guildId, key: idempotencyKey, ...own })
    .onConflictDoUpdate({
      target: [idempotencyKeys.guildId, idempotencyKeys.key],
      set: own,
      setWhere: lte(idempotencyKeys.expiresAt, at),
    })
    .returning()
  if (!taken) return whoHas(tx, guildId, idempotencyKey)
  await sweep(tx, at)
  return null
}

async function whoHas(tx: Db, guildId: string, key: string): Promise<string> {
  const one = and(eq(idempotencyKeys.guildId, guildId), eq(idempotencyKeys.key, key))
  const [row] = await tx.select({ runId: idempotencyKeys.runId }).from(idempotencyKeys).where(one)
  return row!.runId
}

/** Those that somebody else is at are left for the next time. */
async function sweep(tx: Db, now: number): Promise<void> {
  const expired = tx
    .select({ guildId: idempotencyKeys.guildId, key: idempotencyKeys.key })
    .from(idempotencyKeys)
    .where(lte(idempotencyKeys.expiresAt, now))
    .orderBy(asc(idempotencyKeys.expiresAt))
    .limit(SWEPT_AT_ONCE)
    .for('update', { skipLocked: true })
  await tx.delete(idempotencyKeys).where(sql`(${idempotencyKeys.guildId}, ${idempotencyKeys.key}) in ${expired}`)
}
