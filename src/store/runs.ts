import { and, desc, eq, sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import type { Db } from './handle.ts'
import { runs } from './schema/runs.ts'
import { read } from './transact.ts'

// Runs as they are kept, and what is read of them.

/** Somebody should be at work on it. In the words of the indexes, which are not used for a parameter. */
export const isUnderWay = sql`${runs.state} in ('pending', 'running')`

export const alreadyUnderWay = (runId?: string): Refusal =>
  new Refusal(
    `A run of this server is under way${runId ? ` (${runId})` : ''}, and two at once would get in each other’s way. Nothing was changed. Wait until it has ended; \`/audit status\` shows it.`,
  )

export async function findRun(db: Db, guildId: Id, runId: string): Promise<Run | null> {
  const [row] = await read(
    db
      .select()
      .from(runs)
      .where(and(eq(runs.guildId, guildId), eq(runs.id, runId))),
  )
  return row ? toRun(row) : null
}

/** The newest first. */
export async function lastRuns(db: Db, guildId: Id, limit: number): Promise<readonly Run[]> {
  const ofGuild = db.select().from(runs).where(eq(runs.guildId, guildId))
  const rows = await read(ofGuild.orderBy(desc(runs.startedAt), desc(runs.id)).limit(limit))
  return rows.map(toRun)
}

/** A page of all runs, the newest first, and how many there are. */
export async function runsPage(
  db: Db,
  guildId: Id,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ readonly total: number; readonly runs: readonly Run[] }> {
  const ofGuild = eq(runs.guildId, guildId)
  const page = db.select().from(runs).where(ofGuild).orderBy(desc(runs.startedAt), desc(runs.id))
  const rows = await read(page.offset(offset).limit(limit))
  return { total: await read(db.$count(runs, ofGuild)), runs: rows.map(toRun) }
}

export type RunRow = typeof runs.$inferSelect

/** The columns hold only what `openRun`, `moveRun` and `storePlan` put there. */
export function toRun({ idempotencyKey: _key, reason: _reason, onlyMember, onlyRole, ...row }: RunRow): Run {
  return { ...row, only: { memberId: onlyMember, roleId: onlyRole } } as Run
}
