import { and, asc, desc, eq, inArray, isNotNull, isNull, lte, sql } from 'drizzle-orm'
import type { HeldThen, RoleHistoryLine } from '#src/core/history.ts'
import type { FindingCategory, Id } from '#src/core/model.ts'
import { type HeldEvidence, heldAt, type Unwatched } from '#src/core/role-history.ts'
import type { Db } from './handle.ts'
import { findRoleHistory } from './role-history.ts'
import { findings, runs } from './schema/runs.ts'
import { trail } from './schema/trail.ts'
import { read } from './transact.ts'

// Who held what at a moment that has passed, and what was known of them then.

/** Changes of one member that are looked at; of somebody with more the oldest are unknown. */
const MOST_CHANGES = 5_000
/** Starts and ends of watching. */
const MOST_WATCHES = 5_000
/** Lines that speak of the member. */
const MOST_SAID = 5

/** What they hold now, of the roles that are governed; null where nobody can say. */
export interface HeldNow {
  readonly roleIds: ReadonlySet<Id>
  /** When that was last known to be so, ms since the epoch. */
  readonly at: number
}

export interface ThenQuestion {
  readonly guildId: Id
  readonly memberId: Id
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly governed: readonly Id[]
  readonly now: HeldNow | null
}

export async function heldThen(db: Db, question: ThenQuestion): Promise<HeldThen> {
  const { guildId, memberId, at, governed, now } = question
  const { lines } = await findRoleHistory(db, guildId, { memberId }, { offset: 0, limit: MOST_CHANGES })
  const { since, unwatched } = await watchesOf(db, guildId)
  const roleIds = new Set([...governed, ...lines.map(({ roleId }) => roleId)])
  const roles = [...roleIds].map((roleId) => {
    const ofRole = lines.filter((line) => line.roleId === roleId)
    const before = ofRole.find((line) => line.at <= at) ?? null
    const after = ofRole.findLast((line) => line.at > at) ?? null
    const present = now && { held: now.roleIds.has(roleId), at: now.at }
    const held = heldAt(at, evidenceOf(before), evidenceOf(after), present, unwatched)
    return { roleId, held, since: held === 'held' && before?.operation === 'added' ? before : null }
  })
  return { roles, recordedSince: since, run: await lastLook(db, question), said: await saidOf(db, question) }
}

const evidenceOf = (line: RoleHistoryLine | null): HeldEvidence | null =>
  line && { operation: line.operation, at: line.at }

interface Watches {
  readonly since: number | null
  readonly unwatched: readonly Unwatched[]
}

/** When nobody watched: before the first time, and between the end of one bot and the beginning of the next. */
async function watchesOf(db: Db, guildId: Id): Promise<Watches> {
  const marks = await read(
    db
      .select({ at: trail.at, seq: trail.seq, type: trail.type })
      .from(trail)
      .where(
        and(
          eq(trail.guildId, guildId),
          eq(trail.subject, `guild:${guildId}`),
          inArray(trail.type, ['guild.watched', 'guild.unwatched', 'history.interrupted']),
        ),
      )
      .orderBy(asc(trail.seq))
      .limit(MOST_WATCHES),
  )
  const unwatched: Unwatched[] = []
  for (const [nth, { type, at, seq }] of marks.entries()) {
    const before = marks[nth - 1]
    if (type === 'guild.unwatched') continue
    if (!before) unwatched.push({ from: null, to: at })
    else if (type === 'history.interrupted') unwatched.push({ from: before.at, to: at })
    else
      unwatched.push({ from: before.type === 'guild.unwatched' ? before.at : await lastSign(db, guildId, seq), to: at })
  }
  return { since: marks[0]?.at ?? null, unwatched }
}

/** The last line that a bot wrote which ended without a word; what somebody wrote at a console says nothing of it. */
async function lastSign(db: Db, guildId: Id, seq: number): Promise<number | null> {
  const earlier = and(eq(trail.guildId, guildId), sql`${trail.seq} < ${seq}`, sql`${trail.actor} not like 'cli:%'`)
  const [last] = await read(db.select({ at: trail.at }).from(trail).where(earlier).orderBy(desc(trail.seq)).limit(1))
  return last?.at ?? null
}

async function lastLook(db: Db, { guildId, memberId, at }: ThenQuestion): Promise<HeldThen['run']> {
  const whole = and(isNull(runs.onlyMember), isNull(runs.onlyRole), isNotNull(runs.counts), eq(runs.purpose, 'audit'))
  const [run] = await read(
    db
      .select({ id: runs.id, at: runs.startedAt })
      .from(runs)
      .where(and(eq(runs.guildId, guildId), lte(runs.startedAt, at), whole))
      .orderBy(desc(runs.startedAt))
      .limit(1),
  )
  if (!run) return null
  const { category, decidedBy, policyAction } = findings
  const ofMember = and(
    eq(findings.guildId, guildId),
    eq(findings.runId, run.id),
    eq(findings.phase, 'shown'),
    eq(findings.memberId, memberId),
  )
  const [found] = await read(db.select({ category, decidedBy, policyAction }).from(findings).where(ofMember))
  return { ...run, finding: found ? { ...found, category: found.category as FindingCategory } : null }
}

const SAID = ['finding.seen', 'finding.cleared', 'action.intended', 'action.settled']

async function saidOf(db: Db, { guildId, memberId, at }: ThenQuestion): Promise<HeldThen['said']> {
  const ofMember = and(
    eq(trail.guildId, guildId),
    eq(trail.subject, `member:${memberId}`),
    inArray(trail.type, SAID),
    lte(trail.at, at),
  )
  const rows = await read(db.select().from(trail).where(ofMember).orderBy(desc(trail.seq)).limit(MOST_SAID))
  return rows.map((row) => {
    const data = row.data as Said
    const roles = data.role ? [data.role] : (data.roles ?? data.excessRoles ?? [])
    return { at: row.at, type: row.type, category: data.rule?.category ?? data.category ?? null, roles, run: row.run }
  })
}

interface Said {
  readonly role?: Id
  readonly roles?: readonly Id[]
  readonly excessRoles?: readonly Id[]
  readonly category?: string
  readonly rule?: { readonly category?: string }
}
