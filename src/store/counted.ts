import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Db } from './handle.ts'
import { runs } from './schema/runs.ts'
import { blindness, quarantines } from './schema/standing.ts'
import { trail, trailCheckpoints, trailHeads } from './schema/trail.ts'
import { read } from './transact.ts'

// What the database knows in numbers, for metrics. Each is one question, and none reads more than what came since the last.

/** How long each chain is. */
export async function chainLengths(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await read(db.select({ chain: trailHeads.guildId, seq: trailHeads.seq }).from(trailHeads))
  return new Map(rows.map(({ chain, seq }) => [chain, seq]))
}

/** Lines of one kind in a chain. */
export interface CountedLines {
  readonly type: string
  readonly act: string | null
  readonly outcome: string | null
  readonly category: string | null
  readonly purpose: string | null
  readonly trigger: string | null
  readonly lines: number
}

/** The lines of a chain with numbers above `from`, up to `to`, by what they say. */
export async function countLines(db: Db, chain: string, from: number, to: number): Promise<readonly CountedLines[]> {
  const said = (name: string) => sql<string | null>`${trail.data} ->> ${sql.raw(`'${name}'`)}`
  return await read(
    db
      .select({
        type: trail.type,
        act: said('act'),
        outcome: said('outcome'),
        category: said('category'),
        purpose: said('purpose'),
        trigger: said('trigger'),
        lines: sql<number>`count(*)::int`,
      })
      .from(trail)
      .where(and(eq(trail.guildId, chain), gt(trail.seq, from), sql`${trail.seq} <= ${to}`))
      .groupBy(sql`1, 2, 3, 4, 5, 6`),
  )
}

/** Durations that are read at once. */
const MOST_ACTS = 5_000

/** How long the acts took that were settled by these lines, in seconds. */
export async function actSeconds(db: Db, chain: string, from: number, to: number): Promise<readonly number[]> {
  const rows = await read(
    db.execute<{ seconds: number }>(sql`
      select extract(epoch from s.at - i.at)::float8 as seconds from trail s join trail i on i.id = s.cause::uuid
        where s.guild_id = ${chain} and s.seq > ${from} and s.seq <= ${to} and s.type = 'action.settled' and s.cause is not null
        limit ${MOST_ACTS}`),
  )
  return rows.map(({ seconds }) => Math.max(0, seconds))
}

export interface GuildNumbers {
  readonly guildId: Id
  readonly value: number
}

/** Milliseconds since the epoch at which each blind server became so. */
export const blindSince = (db: Db): Promise<readonly GuildNumbers[]> =>
  read(db.select({ guildId: blindness.guildId, value: blindness.since }).from(blindness))

export const quarantined = (db: Db): Promise<readonly GuildNumbers[]> =>
  read(
    db
      .select({ guildId: quarantines.guildId, value: sql<number>`count(*)::int` })
      .from(quarantines)
      .groupBy(quarantines.guildId),
  )

export const waitingRuns = (db: Db): Promise<readonly GuildNumbers[]> =>
  read(
    db
      .select({ guildId: runs.guildId, value: sql<number>`count(*)::int` })
      .from(runs)
      .where(eq(runs.state, 'awaiting_approval'))
      .groupBy(runs.guildId),
  )

/** The last look at everybody of one server, with what it found; null where there was none. */
export async function lastAudit(
  db: Db,
  guildId: Id,
): Promise<{ readonly at: number; readonly counts: Readonly<Record<string, number>> } | null> {
  const whole = and(isNull(runs.onlyMember), isNull(runs.onlyRole), eq(runs.purpose, 'audit'))
  const [run] = await read(
    db
      .select({ at: runs.startedAt, counts: runs.counts })
      .from(runs)
      .where(and(eq(runs.guildId, guildId), whole, sql`${runs.counts} is not null`))
      .orderBy(sql`${runs.startedAt} desc`)
      .limit(1),
  )
  return run ? { at: run.at, counts: run.counts as Readonly<Record<string, number>> } : null
}

/** The newest checkpoint of each chain. */
export const lastCheckpoints = (
  db: Db,
): Promise<readonly { readonly chain: string; readonly size: number; readonly at: number }[]> =>
  read(
    db
      .selectDistinctOn([trailCheckpoints.guildId], {
        chain: trailCheckpoints.guildId,
        size: trailCheckpoints.size,
        at: trailCheckpoints.at,
      })
      .from(trailCheckpoints)
      .orderBy(trailCheckpoints.guildId, sql`${trailCheckpoints.size} desc`),
  )
