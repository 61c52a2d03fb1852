import { and, eq, gte, inArray, sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Act, Quarantine } from '#src/core/run.ts'
import { type Db, Statement } from './handle.ts'
import { MAX_QUARANTINES } from './quarantines.ts'
import { intents } from './schema/runs.ts'
import { contests, quarantines } from './schema/standing.ts'
import { read } from './transact.ts'
import { LIVE_AFFECTED, UNATTENDED_AFFECTED } from './unattended.ts'

// Everything that a live act must know before it begins, by one statement and so of one moment.

/** Since when is counted what was taken, ms since the epoch. */
export interface LiveQuestion {
  /** From this member, by role; the same for what was given. */
  readonly takenSince: number
  /** From members of the guild by live acts, and by all that nobody asked for; those of `inHand` are left out, and counted by the caller. */
  readonly hourSince: number
  readonly daySince: number
  readonly inHand: readonly Id[]
}

export interface LiveStanding {
  /** Roles about which something else does not give way, of this member. */
  readonly contested: ReadonlySet<Id>
  /** How often each role was taken from this member, alone or with others. */
  readonly timesTaken: ReadonlyMap<Id, number>
  readonly timesGiven: ReadonlyMap<Id, number>
  readonly quarantines: ReadonlyMap<Id | 'kick', Quarantine>
  readonly lastHour: number
  readonly lastDay: number
}

interface Row extends Record<string, unknown> {
  readonly contested: readonly Id[]
  readonly taken: Readonly<Record<Id, number>>
  readonly given: Readonly<Record<Id, number>>
  readonly quarantined: readonly Quarantine[]
  readonly hour: string
  readonly day: string
}

export async function findLiveStanding(
  db: Db,
  guildId: Id,
  memberId: Id,
  question: LiveQuestion,
): Promise<LiveStanding> {
  const [row] = await read(db.execute<Row>(STANDING.with({ guildId, memberId, ...question })))
  const { contested, taken, given, quarantined, hour, day } = row!
  return {
    contested: new Set(contested),
    timesTaken: new Map(Object.entries(taken)),
    timesGiven: new Map(Object.entries(given)),
    quarantines: new Map(quarantined.map((one) => [one.what, one])),
    lastHour: Number(hour),
    lastDay: Number(day),
  }
}

const ofGuild = sql.placeholder('guildId')
const ofMember = sql.placeholder('memberId')

const CONTESTED = sql`(select coalesce(jsonb_agg(role_id), '[]') from ${contests}
  where ${and(eq(contests.guildId, ofGuild), eq(contests.memberId, ofMember))})`

/** How often acts of these kinds were done on each role of the member. A removal of several roles has them in an array. */
const timesOf = (kinds: readonly Act['kind'][]) => sql`(select coalesce(jsonb_object_agg(role, times), '{}') from (
  select role, count(*) as times from ${intents},
    unnest(case when kind = 'remove_roles' then role_ids else array[role_id] end) as role
  where ${and(eq(intents.guildId, ofGuild), eq(intents.memberId, ofMember))}
    and ${gte(intents.at, sql.param(sql.placeholder('takenSince'), intents.at))}
    and ${inArray(intents.kind, [...kinds])} and ${eq(intents.outcome, 'done')}
  group by role) as by_role)`

const QUARANTINED = sql`(
  select coalesce(jsonb_agg(jsonb_build_object(
    'what', what, 'detail', detail, 'at', (extract(epoch from at) * 1000)::bigint) order by at, what), '[]')
  from (select * from ${quarantines} where ${eq(quarantines.guildId, ofGuild)}
    order by at, what limit ${sql.raw(String(MAX_QUARANTINES))}) as kept)`

const STANDING = new Statement<LiveQuestion & { guildId: Id; memberId: Id } & Record<string, unknown>>(sql`select
  ${CONTESTED} as contested, ${timesOf(['remove_role', 'remove_roles'])} as taken, ${timesOf(['add_role'])} as given, ${QUARANTINED} as quarantined,
  ${LIVE_AFFECTED} as hour, ${UNATTENDED_AFFECTED} as day`)
