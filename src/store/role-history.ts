import { and, desc, eq, gte, lte, type SQL, sql } from 'drizzle-orm'
import type { HistoryPage, RoleHistoryFilter, RoleHistoryLine } from '#src/core/history.ts'
import type { Id } from '#src/core/model.ts'
import type { RoleChangeCause } from '#src/core/role-history.ts'
import type { Db } from './handle.ts'
import { trail } from './schema/trail.ts'
import { read } from './transact.ts'

// The changes of governed roles, read out of the record itself. Each filter has an index of its own over these lines alone (migration `role_history`).

/** In words that the planner can hold against those of the indexes: as a parameter it would not see that they fit. */
const KINDS = { added: sql`type = 'role.added'`, removed: sql`type = 'role.removed'` }
const EITHER = sql`type in ('role.added', 'role.removed')`

const ROLE = sql`(${trail.data} ->> 'role')`
const SCOPE = sql`(${trail.data} ->> 'scope') collate "C"`

export interface PageWanted {
  readonly offset: number
  readonly limit: number
}

/** The query of a page, for whoever wants to see how it is planned. */
export function roleHistoryQuery(db: Db, guildId: Id, filter: RoleHistoryFilter, { offset, limit }: PageWanted) {
  const { seq, at, subject, actor, run, type, data } = trail
  return db
    .select({ seq, at, subject, actor, run, type, data })
    .from(trail)
    .where(and(eq(trail.guildId, guildId), ...conditionsOf(filter)))
    .orderBy(desc(at), desc(seq))
    .offset(offset)
    .limit(limit + 1)
}

export async function findRoleHistory(
  db: Db,
  guildId: Id,
  filter: RoleHistoryFilter,
  page: PageWanted,
): Promise<HistoryPage<RoleHistoryLine>> {
  const rows = await read(roleHistoryQuery(db, guildId, filter, page))
  return { lines: rows.slice(0, page.limit).map(toLine), more: rows.length > page.limit }
}

function conditionsOf({ memberId, roleId, moderatorId, operation, scope, since, until }: RoleHistoryFilter): SQL[] {
  const wanted: (SQL | undefined)[] = [
    operation ? KINDS[operation] : EITHER,
    memberId === undefined ? undefined : eq(trail.subject, `member:${memberId}`),
    roleId === undefined ? undefined : sql`${ROLE} = ${roleId}`,
    moderatorId === undefined ? undefined : eq(trail.actor, `discord:${moderatorId}`),
    scope === undefined ? undefined : sql`${SCOPE} >= ${scope} and ${SCOPE} < ${after(scope)}`,
    since === undefined ? undefined : gte(trail.at, since),
    until === undefined ? undefined : lte(trail.at, until),
  ]
  return wanted.filter((condition) => condition !== undefined)
}

/** What sorts after every text that begins so: no text of people holds the last code point. */
const after = (prefix: string): string => `${prefix}\u{10FFFF}`

type Row = Pick<typeof trail.$inferSelect, 'seq' | 'at' | 'subject' | 'actor' | 'run' | 'type' | 'data'>

function toLine({ seq, at, subject, actor, run, type, data }: Row): RoleHistoryLine {
  const { role, scope, why, seenAt, by } = data as Readonly<Record<string, string>>
  const memberId = subject.slice('member:'.length)
  const operation = type === 'role.added' ? 'added' : 'removed'
  return {
    ...{ seq, memberId, roleId: role ?? '', operation, scope: scope ?? '', run },
    at: Date.parse(seenAt ?? '') || at,
    why: why as RoleChangeCause,
    actor: by === 'nobody' ? null : actor,
  }
}
