import { and, asc, count, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Outcome, PastAct } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { toAct } from './act-columns.ts'
import type { Db } from './handle.ts'
import { intents } from './schema/runs.ts'
import { read } from './transact.ts'

// What was done before, as the intents say.

const { guildId: ofGuild, runId: ofRun, memberId: ofMember, actor, id, kind, outcome } = intents

/** Nothing that may have been done is denied: an act that is open counts as `unknown`. */
export const maybeDone = or(isNull(outcome), inArray(outcome, ['done', 'unknown']))

/** The run's acts by outcome. */
export async function outcomesOf(db: Db, guildId: Id, runId: string): Promise<Readonly<Record<string, number>>> {
  const seen = sql<string>`coalesce(${outcome}, 'unknown')`
  const rows = await read(
    db
      .select({ seen, acts: count() })
      .from(intents)
      .where(and(eq(ofGuild, guildId), eq(ofRun, runId)))
      .groupBy(seen),
  )
  return Object.fromEntries(rows.map((row) => [row.seen, row.acts]))
}

/**
 * A page of the run's acts that were done or may have been, the oldest first, of one member where one is named, those after the intent `after`. Their
 * ids tell which is older: they only ever grow, and a clock may be set back.
 */
export async function pastActs(
  db: Db,
  guildId: Id,
  runId: string,
  memberId: Id | null,
  after: string | null,
  limit: number,
): Promise<readonly PastAct[]> {
  const wanted = and(
    eq(ofGuild, guildId),
    eq(ofRun, runId),
    maybeDone,
    memberId === null ? undefined : eq(ofMember, memberId),
    after === null ? undefined : gt(id, after),
  )
  const rows = await read(db.select().from(intents).where(wanted).orderBy(asc(id)).limit(limit))
  return rows.map((row) => ({
    intentId: row.id,
    act: toAct(row),
    outcome: (row.outcome ?? 'unknown') as Outcome,
    at: row.at,
  }))
}

/** On whose behalf the run's newest kick of this member was written down: whoever asked for the run, or let it go on. Null where there is none. */
export async function whoWantedKick(db: Db, guildId: Id, runId: string, memberId: Id): Promise<Actor | null> {
  const ofThisMember = and(eq(ofGuild, guildId), eq(ofRun, runId), eq(ofMember, memberId))
  const kicks = and(ofThisMember, eq(kind, 'kick'))
  const [newest] = await read(db.select({ actor }).from(intents).where(kicks).orderBy(desc(id)).limit(1))
  return newest ? (newest.actor as Actor) : null
}
