import { and, desc, eq, gte, lte } from 'drizzle-orm'
import type { HistoryPage } from '#src/core/history.ts'
import type { InvocationFilter, InvocationLine } from '#src/core/invocation-history.ts'
import type { Id } from '#src/core/model.ts'
import type { Db } from './handle.ts'
import type { PageWanted } from './role-history.ts'
import { invocations } from './schema/runs.ts'
import { read } from './transact.ts'

/** The query of a page, for whoever wants to see how it is planned. */
export function invocationHistoryQuery(
  db: Db,
  guildId: Id,
  { memberId, command, outcome, since, until }: InvocationFilter,
  { offset, limit }: PageWanted,
) {
  const wanted = [
    eq(invocations.guildId, guildId),
    memberId === undefined ? undefined : eq(invocations.actor, `discord:${memberId}`),
    command === undefined ? undefined : eq(invocations.command, command),
    outcome === undefined ? undefined : eq(invocations.outcome, outcome),
    since === undefined ? undefined : gte(invocations.at, since),
    until === undefined ? undefined : lte(invocations.at, until),
  ]
  return db
    .select()
    .from(invocations)
    .where(and(...wanted))
    .orderBy(desc(invocations.at), desc(invocations.interactionId))
    .offset(offset)
    .limit(limit + 1)
}

/** What was asked of the bot, the newest first. */
export async function findInvocationHistory(
  db: Db,
  guildId: Id,
  filter: InvocationFilter,
  page: PageWanted,
): Promise<HistoryPage<InvocationLine>> {
  const rows = await read(invocationHistoryQuery(db, guildId, filter, page))
  return { lines: rows.slice(0, page.limit).map(toLine), more: rows.length > page.limit }
}

function toLine({ quotaUsed, quotaLimit, ...row }: typeof invocations.$inferSelect): InvocationLine {
  const { at, actor, command, subcommand, why } = row
  return {
    ...{ at, actor, command, subcommand, why },
    options: row.options as InvocationLine['options'],
    outcome: row.outcome as InvocationLine['outcome'],
    refusedBy: row.refusedBy as InvocationLine['refusedBy'],
    quota: quotaUsed === null ? null : { used: quotaUsed, limit: quotaLimit },
  }
}
