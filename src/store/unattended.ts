import { and, count, countDistinct, eq, gte, inArray, isNotNull, ne, not, notInArray, type SQL, sql } from 'drizzle-orm'
import type { Id, Trigger } from '#src/core/model.ts'
import type { Db } from './handle.ts'
import { maybeDone } from './past-acts.ts'
import { isUnderWay } from './runs.ts'
import { approvals, intents, runs } from './schema/runs.ts'
import { read } from './transact.ts'

// What is taken where nobody asked, which the blast radius counts over time: what was done or may have been, and what runs at work still mean to do.

const { guildId: ofGuild, runId: ofRun, memberId: ofMember, at, kind } = intents

const UNATTENDED: readonly Trigger[] = ['schedule', 'realtime']

/** What was taken, or may have been. In the words of its index. */
const taken = and(sql`${intents.unattended} and ${intents.destroys}`, maybeDone)

/**
 * Members from whom something was taken, and who were kicked, without anybody asking since then; each once a run. Of a run at work its plan counts
 * where that is more. Members of `inHand` whom the live run of the moment concerns are left out, and counted by the caller.
 */
export async function unattendedSince(
  db: Db,
  guildId: Id,
  since: number,
  exceptRunId: string | null,
  inHand: readonly Id[] = [],
): Promise<{ readonly affected: number; readonly kicks: number }> {
  const done = doneSince(db, guildId, since, inHand)
  const meant = meantNow(db, guildId)
  // `greatest` leaves out what is null.
  const sum = (one: SQL.Aliased, other: SQL.Aliased) => sql<string>`coalesce(sum(greatest(${one}, ${other})), 0)`
  const others =
    exceptRunId === null ? undefined : ne(sql`coalesce(${done.runId}, ${meant.runId})`, sql`${exceptRunId}`)
  const sums = { affected: sum(done.taken, meant.toTake), kicks: sum(done.kicked, meant.toKick) }
  const [row] = await read(db.select(sums).from(done).fullJoin(meant, eq(done.runId, meant.runId)).where(others))
  return { affected: Number(row?.affected), kicks: Number(row?.kicks) }
}

/** By run. */
function doneSince(db: Db, guildId: Id, since: number, inHand: readonly Id[]) {
  const once = db
    .select({ runId: ofRun, isKick: sql<boolean>`bool_or(${kind} = 'kick')`.as('is_kick') })
    .from(intents)
    .where(and(eq(ofGuild, guildId), gte(at, since), taken, exceptLive(db, guildId, inHand)))
    .groupBy(ofRun, ofMember)
    .as('once')
  const kicked = sql<string>`count(*) filter (where ${once.isKick})`.as('kicked')
  return db
    .select({ runId: once.runId, taken: count().as('taken'), kicked })
    .from(once)
    .groupBy(once.runId)
    .as('done')
}

function exceptLive(db: Db, guildId: Id, inHand: readonly Id[]) {
  if (inHand.length === 0) return undefined
  const ofNow = and(eq(runs.guildId, guildId), isUnderWay, eq(runs.purpose, 'live'))
  return not(and(inArray(ofMember, [...inHand]), inArray(ofRun, db.select({ id: runs.id }).from(runs).where(ofNow)))!)
}

/**
 * By run that carries out a plan. One that is more than it may be is about to be held, unless somebody approved the same plan of another run; and what a
 * person let go on by its own digest is not without anybody asking.
 */
function meantNow(db: Db, guildId: Id) {
  const { blast } = runs
  const isItsOwn = sql`coalesce(${approvals.runId} <> ${runs.id}, not (${blast}->>'over')::boolean)`
  return db
    .select({
      runId: runs.id,
      toTake: sql<number>`(${blast}->>'affected')::int`.as('to_take'),
      toKick: sql<number>`(${blast}->>'kicks')::int`.as('to_kick'),
    })
    .from(runs)
    .leftJoin(approvals, and(eq(approvals.guildId, runs.guildId), eq(approvals.digest, runs.planDigest)))
    .where(
      and(
        and(eq(runs.guildId, guildId), isUnderWay, isNotNull(blast)),
        and(inArray(runs.trigger, [...UNATTENDED]), isItsOwn),
      ),
    )
    .as('meant')
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
      .where(and(eq(ofGuild, guildId), gte(at, since), taken, others)),
  )
  return row?.members ?? 0
}
