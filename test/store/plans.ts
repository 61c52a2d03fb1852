import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '#src/store/handle.ts'

/** How the database answers a query, and the most rows that one of its scans reads. */
export async function rowsRead(db: Db, query: SQL): Promise<{ readonly plan: string; readonly most: number }> {
  const rows = await db.execute<Record<string, string>>(sql`explain (analyze, timing off) ${query}`)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  const read = [...plan.matchAll(/Scan.*rows=(\d+)(?:\.\d+)? loops=1\)/g)].map(([, rows]) => Number(rows))
  return { plan, most: Math.max(...read) }
}
