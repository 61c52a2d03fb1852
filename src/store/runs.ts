import { and, desc, eq, inArray } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { NewRun, Run } from '#src/core/run.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { storable } from './schema/columns.ts'
import { runs } from './schema/runs.ts'
import { read, transact } from './transact.ts'

// Runs: opened once for each request, one under way in each guild.

/** The states of which a guild has one run at most; a unique index of the database says the same. */
export const UNDER_WAY = ['pending', 'running']

/** Throws `Refusal` where a run of this guild is under way; returns the earlier run where the request was seen before. */
export function openRun(ledger: Ledger, run: NewRun): Promise<{ readonly run: Run; readonly repeated: boolean }> {
  return transact(ledger.db, async (tx) => {
    const { at, reason, ...rest } = run
    const values = { ...rest, reason: reason === null ? null : storable(reason), state: 'pending', startedAt: at }
    // The unique indexes decide, and a competitor's insert is waited for; after that one of them says why this one is not in.
    const [opened] = await tx.insert(runs).values(values).onConflictDoNothing().returning()
    if (!opened) return { run: await earlierRun(tx, run), repeated: true }
    await ledger.append(tx, [openedLine(run)], at)
    return { run: toRun(opened), repeated: false }
  })
}

async function earlierRun(tx: Db, { guildId, idempotencyKey }: NewRun): Promise<Run> {
  const [same] = await tx
    .select()
    .from(runs)
    .where(and(eq(runs.guildId, guildId), eq(runs.idempotencyKey, idempotencyKey)))
  if (same) return toRun(same)
  const [other] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.guildId, guildId), inArray(runs.state, UNDER_WAY)))
  throw alreadyUnderWay(other?.id)
}

export const alreadyUnderWay = (runId?: string): Refusal =>
  new Refusal(
    `A run of this server is under way${runId ? ` (${runId})` : ''}, and two at once would get in each other’s way. Nothing was changed. Wait until it has ended; \`/audit status\` shows it.`,
  )

function openedLine({ guildId, id, trigger, action, actor, mayDestroy, reason, idempotencyKey }: NewRun): TrailDraft {
  const line = { guildId, type: 'run.opened', actor, subject: `run:${id}`, cause: idempotencyKey, run: id } as const
  const data = { trigger, action, mayDestroy }
  return reason === null ? { ...line, data } : { ...line, data, texts: { reason } }
}

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

export type RunRow = typeof runs.$inferSelect

/** The columns hold only what `openRun`, `moveRun` and `storePlan` put there. */
export function toRun({ idempotencyKey: _key, reason: _reason, ...row }: RunRow): Run {
  return row as Run
}
