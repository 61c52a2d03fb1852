import { and, eq, gte, inArray, isNotNull, not, type SQL, sql } from 'drizzle-orm'
import type { Id, Trigger } from '#src/core/model.ts'
import { type Db, Statement } from './handle.ts'
import { maybeDone } from './past-acts.ts'
import { isUnderWay } from './runs.ts'
import { approvals, intents, runs } from './schema/runs.ts'
import { read } from './transact.ts'

// What is taken where nobody asked, which the blast radius counts over time: what was done or may have been, and what runs at work still mean to do.

const { guildId: ofGuild, runId: ofRun, memberId: ofMember, at, kind } = intents
const { param, placeholder } = sql

const UNATTENDED: readonly Trigger[] = ['schedule', 'realtime']

/** What was taken, or may have been. In the words of its index. */
const taken = and(sql`${intents.unattended} and ${intents.destroys}`, maybeDone)
const ofThisGuild = eq(runs.guildId, placeholder('guildId'))
const takenSince = (since: string) =>
  and(eq(ofGuild, placeholder('guildId')), gte(at, param(placeholder(since), at)), taken)
const isInHand = sql`${ofMember} = any(${param(placeholder('inHand'))}::text[])`

const ofLiveRunNow = sql`${ofRun} in (select ${runs.id} from ${runs}
  where ${and(ofThisGuild, isUnderWay, eq(runs.purpose, 'live'))})`

/** By run. */
const DONE = sql`(
  select id, count(*) as taken, count(*) filter (where is_kick) as kicked
  from (select ${ofRun} as id, bool_or(${kind} = 'kick') as is_kick from ${intents}
    where ${and(takenSince('daySince'), not(and(isInHand, ofLiveRunNow)!))} group by ${ofRun}, ${ofMember}) as once
  group by id)`

const { blast } = runs
const isItsOwn = sql`coalesce(${approvals.runId} <> ${runs.id}, not (${blast}->>'over')::boolean)`

/**
 * By run that carries out a plan. One that is more than it may be is about to be held, unless somebody approved the same plan of another run; and what a
 * person let go on by its own digest is not without anybody asking.
 */
const MEANT = sql`(
  select ${runs.id} as id, (${blast}->>'affected')::int as to_take, (${blast}->>'kicks')::int as to_kick from ${runs}
  left join ${approvals} on ${and(eq(approvals.guildId, runs.guildId), eq(approvals.digest, runs.planDigest))}
  where ${and(ofThisGuild, isUnderWay, isNotNull(blast), inArray(runs.trigger, [...UNATTENDED]), isItsOwn)})`

/** One row with `affected` and `kicks`, as `unattendedSince` counts them. `greatest` leaves out what is null. */
const unattended = (which: SQL | undefined) => sql`(
  select coalesce(sum(greatest(taken, to_take)), 0) as affected, coalesce(sum(greatest(kicked, to_kick)), 0) as kicks
  from ${DONE} as done full join ${MEANT} as meant on done.id = meant.id ${which})`

/** Members, as `unattendedSince` counts those of every run: one value of a statement with the guild, `daySince` and `inHand`. */
export const UNATTENDED_AFFECTED = sql`(select affected from ${unattended(undefined)} as counted)`

/** Members, as `liveAffectedSince` counts them: one value of a statement with the guild, `hourSince` and `inHand`. */
export const LIVE_AFFECTED = sql`(select count(distinct ${ofMember}) from ${intents}
  join ${runs} on ${and(eq(runs.guildId, ofGuild), eq(runs.id, ofRun), eq(runs.purpose, 'live'))}
  where ${and(takenSince('hourSince'), not(isInHand))})`

const OF_ALL = new Statement(sql`select * from ${unattended(undefined)} as counted`)
const OF_OTHERS = new Statement(
  sql`select * from ${unattended(sql`where coalesce(done.id, meant.id) <> ${placeholder('exceptRunId')}`)} as counted`,
)
const OF_LIVE = new Statement(sql`select ${LIVE_AFFECTED} as members`)

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
  const counted = { guildId, daySince: since, inHand }
  const asked = exceptRunId === null ? OF_ALL.with(counted) : OF_OTHERS.with({ ...counted, exceptRunId })
  const [row] = await read(db.execute<{ affected: string; kicks: string }>(asked))
  return { affected: Number(row?.affected), kicks: Number(row?.kicks) }
}

/** Members from whom runs of purpose `live` took something since then, each once, those of `except` left out. */
export async function liveAffectedSince(db: Db, guildId: Id, since: number, except: readonly Id[]): Promise<number> {
  const asked = OF_LIVE.with({ guildId, hourSince: since, inHand: except })
  const [row] = await read(db.execute<{ members: string }>(asked))
  return Number(row?.members)
}
