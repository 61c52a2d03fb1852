import { sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Db } from './handle.ts'

/** `settings` holds for arming and the arrangements too: one is judged by the others. */
type Locked = 'settings' | 'capabilities' | 'subscriptions' | 'links'

/**
 * Until the transaction ends, nobody else changes this part of the guild: what was read of it still holds when it is written.
 * Take it first: whoever holds a row or the end of the trail must not wait for it.
 */
export async function lockGuild(tx: Db, what: Locked, guildId: Id): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${what} ${guildId}`}, 0))`)
}
