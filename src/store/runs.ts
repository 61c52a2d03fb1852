import { and, desc, eq, sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import type { Db } from './handle.ts'
import { outcomesOf } from './past-acts.ts'
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

/** The newest first; of one that is under way, what it has done until now. */
export async function lastRuns(db: Db, guildId: Id, limit: number): Promise<readonly Run[]> {
  const ofGuild = db.select().from(runs).where(eq(runs.guildId, guildId))
  const rows = await read(ofGuild.orderBy(desc(runs.startedAt), desc(runs.id)).limit(limit))
  return await Promise.all(rows.map((row) => withActs(db, row)))
}

/** A page of all runs, the newest first, and how many there are; of those that are under way, what they have done until now. */
export async function runsPage(
  db: Db,
  guildId: Id,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ readonly total: number; readonly runs: readonly Run[] }> {
  const ofGuild = eq(runs.guildId, guildId)
  const page = db.select().from(runs).where(ofGuild).orderBy(desc(runs.startedAt), desc(runs.id))
  const rows = await read(page.offset(offset).limit(limit))
  const shown = await Promise.all(rows.map((row) => withActs(db, row)))
  return { total: await read(db.$count(runs, ofGuild)), runs: shown }
}

/** A run's own count of its acts is written when it ends. The live acts of an hour are one run, and can be undone before that. */
async function withActs(db: Db, row: RunRow): Promise<Run> {
  const isAtWork = row.state === 'running'
  return isAtWork ? { ...toRun(row), outcomes: await outcomesOf(db, row.guildId, row.id) } : toRun(row)
}

export type RunRow = typeof runs.$inferSelect

/** The columns hold only what `openRun`, `moveRun` and `storePlan` put there. */
export function toRun({ idempotencyKey: _key, reason: _reason, onlyMember, onlyRole, ...row }: RunRow): Run {
  return { ...row, only: { memberId: onlyMember, roleId: onlyRole } } as Run
}
