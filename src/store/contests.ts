import { and, desc, eq } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import { type By, byWhom, type Ledger } from './ledger.ts'
import { contests } from './schema/standing.ts'
import { read, transact } from './transact.ts'

// Roles of members that something else keeps giving back, or taking away. The bot stands back from each until a person ends the contest.

export interface Contest {
  readonly memberId: Id
  readonly roleId: Id
  /** Null where nobody could be found. */
  readonly grantorId: Id | null
  /** How often the bot had taken or given the role when it stopped. */
  readonly times: number
  readonly at: number
}

export interface ContestFacts extends Omit<Contest, 'memberId' | 'roleId'> {
  /** The role comes back to the member each time, or goes away. */
  readonly what: 'comes_back' | 'goes_away'
}

/** Each takes three acts, of which Discord lets a guild have about one a second: this is more than eight hours of nothing else. */
const MAX_CONTESTS = 10_000

/** Where the bot itself stands back, or lets go of the oldest. */
const ITSELF = 'system:contest'

/** True where the contest is new; one that stands is left as it is. */
export function contest(
  ledger: Ledger,
  guildId: Id,
  memberId: Id,
  roleId: Id,
  { what, ...facts }: ContestFacts,
): Promise<boolean> {
  return transact(ledger.db, async (tx) => {
    const values = { guildId, memberId, roleId, ...facts }
    const added = await tx.insert(contests).values(values).onConflictDoNothing().returning()
    if (added.length === 0) return false
    const data = { role: roleId, what, grantor: facts.grantorId, times: facts.times }
    const line = { guildId, type: 'role.contested', actor: ITSELF, subject: `member:${memberId}`, data } as const
    await ledger.append(tx, [line, ...(await dropOldest(tx, guildId, facts.at))], facts.at)
    return true
  })
}

/** The roles about which something else does not give way, of this member. */
export async function contested({ db }: Ledger, guildId: Id, memberId: Id): Promise<ReadonlySet<Id>> {
  const rows = await read(db.select({ roleId: contests.roleId }).from(contests).where(ofMember(guildId, memberId)))
  return new Set(rows.map(({ roleId }) => roleId))
}

/** The newest first. */
export async function lastContests({ db }: Ledger, guildId: Id, limit: number): Promise<readonly Contest[]> {
  const rows = await read(newestFirst(db, guildId).limit(limit))
  return rows.map(({ guildId: _guild, ...one }) => one)
}

/** All of this member's. */
export async function endContest(ledger: Ledger, guildId: Id, memberId: Id, by: By): Promise<void> {
  await transact(ledger.db, async (tx) => {
    const ended = await tx.delete(contests).where(ofMember(guildId, memberId)).returning()
    const lines = ended.map((one) => endedLine(one, by))
    await ledger.append(tx, lines, by.at)
  })
}

async function dropOldest(tx: Db, guildId: Id, at: number): Promise<readonly TrailDraft[]> {
  if ((await tx.$count(contests, eq(contests.guildId, guildId))) <= MAX_CONTESTS) return []
  const over = await newestFirst(tx, guildId).offset(MAX_CONTESTS)
  for (const { memberId, roleId } of over)
    await tx.delete(contests).where(and(ofMember(guildId, memberId), eq(contests.roleId, roleId)))
  return over.map((one) => endedLine(one, { actor: ITSELF, at }))
}

const ofMember = (guildId: Id, memberId: Id) => and(eq(contests.guildId, guildId), eq(contests.memberId, memberId))

const newestFirst = (db: Db, guildId: Id) =>
  db
    .select()
    .from(contests)
    .where(eq(contests.guildId, guildId))
    .orderBy(desc(contests.at), desc(contests.memberId), desc(contests.roleId))

function endedLine({ guildId, memberId, roleId }: typeof contests.$inferSelect, by: By): TrailDraft {
  return { ...byWhom(by), guildId, type: 'contest.ended', subject: `member:${memberId}`, data: { role: roleId } }
}
