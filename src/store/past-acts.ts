import { and, asc, count, countDistinct, eq, gte, inArray, isNull, ne, notInArray, or, sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Outcome, PastAct } from '#src/core/run.ts'
import { toAct } from './act-columns.ts'
import type { Db } from './handle.ts'
import { intents, runs } from './schema/runs.ts'
import { read } from './transact.ts'

// What was done before, as the intents say. Nothing that may have been done is denied: an act that is open counts as `unknown`.

const { guildId: ofGuild, runId: ofRun, memberId: ofMember, at, id, kind, outcome } = intents

const maybeDone = or(isNull(outcome), inArray(outcome, ['done', 'unknown']))
/** What was taken, or may have been, without anybody asking: what the blast radius counts over time. In the words of its index. */
const takenUnattended = and(sql`${intents.unattended} and ${intents.destroys}`, maybeDone)

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

/** A page of the run's acts that were done or may have been, the oldest first, of one member where one is named, those after the intent `after`. */
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
    after === null
      ? undefined
      : sql`(${at}, ${id}) > (select before.at, before.id from ${intents} as before
          where before.guild_id = ${guildId} and before.id = ${after})`,
  )
  const rows = await read(db.select().from(intents).where(wanted).orderBy(asc(at), asc(id)).limit(limit))
  return rows.map((row) => ({
    intentId: row.id,
    act: toAct(row),
    outcome: (row.outcome ?? 'unknown') as Outcome,
    at: row.at,
  }))
}

/** Members from whom something was taken, and who were kicked, without anybody asking since then; each once a run. */
export async function unattendedSince(
  db: Db,
  guildId: Id,
  since: number,
  exceptRunId: string | null,
): Promise<{ readonly affected: number; readonly kicks: number }> {
  const others = exceptRunId === null ? undefined : ne(ofRun, exceptRunId)
  const once = db
    .select({ kicked: sql<boolean>`bool_or(${kind} = 'kick')`.as('kicked') })
    .from(intents)
    .where(and(eq(ofGuild, guildId), gte(at, since), takenUnattended, others))
    .groupBy(ofRun, ofMember)
    .as('once')
  const kicks = sql<string>`count(*) filter (where ${once.kicked})`
  const [row] = await read(db.select({ affected: count(), kicks }).from(once))
  return { affected: row?.affected ?? 0, kicks: Number(row?.kicks) }
}

/** Members from whom runs of purpose `live` took something since then, each once, those of `except` left out. */
export async function liveAffectedSince(db: Db, guildId: Id, since: number, except: readonly Id[]): Promise<number> {
  const others = except.length === 0 ? undefined : notInArray(ofMember, [...except])
  const isLive = and(eq(runs.guildId, ofGuild), eq(runs.id, ofRun), eq(runs.purpose, 'live'))
  const [row] = await read(
    db
      .select({ members: countDistinct(ofMember) })
      .from(intents)
      .innerJoin(runs, isLive)
      .where(and(eq(ofGuild, guildId), gte(at, since), takenUnattended, others)),
  )
  return row?.members ?? 0
}

/** How often this role was taken from this member since then. */
export async function timesTaken(db: Db, guildId: Id, memberId: Id, roleId: Id, since: number): Promise<number> {
  const ofRole = sql`(${intents.roleId} = ${roleId} or ${roleId} = any(${intents.roleIds}))`
  const ofThisMember = and(eq(ofGuild, guildId), eq(ofMember, memberId), gte(at, since))
  const taken = and(inArray(kind, ['remove_role', 'remove_roles']), eq(outcome, 'done'), ofRole)
  return read(db.$count(intents, and(ofThisMember, taken)))
}
