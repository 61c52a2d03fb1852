import type { ISql } from 'postgres'

/** Resolves once the server says that somebody in this database waits for a lock. */
export async function somebodyWaits(sql: ISql): Promise<void> {
  for (;;) {
    // Within a transaction the server would show its first answer again and again.
    await sql`select pg_stat_clear_snapshot()`
    const waiting = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    if (waiting.length > 0) return
  }
}
