import { and, eq, isNull, ne, type SQL, sql } from 'drizzle-orm'
import type { Finding, Id } from '#src/core/model.ts'
import { foundIn, toFinding } from './findings.ts'
import type { Db } from './handle.ts'
import { findings } from './schema/runs.ts'
import { read } from './transact.ts'

// What a run still has to do of its plan: read page by page, so that a plan of any size needs little, and again where the run goes on after a stop.

/** What wants something done and has no outcome yet: as it was before the blast radius, where that closed. */
function pendingIn(guildId: Id, runId: string): SQL | undefined {
  const phase = sql`(select case when exists (select from ${findings} as held
    where held.guild_id = ${guildId} and held.run_id = ${runId} and held.phase = 'planned') then 'planned' else 'shown' end)`
  const wanted = and(ne(findings.effectiveAction, 'report'), isNull(findings.outcome))
  return and(foundIn(guildId, runId), eq(findings.phase, phase), wanted)
}

/** What the run still has to do, in the order of member ids as numbers, those above `after`. */
export async function pendingFindings(
  db: Db,
  guildId: Id,
  runId: string,
  after: Id | null,
  limit: number,
): Promise<readonly Finding[]> {
  const { memberId } = findings
  const rest = after === null ? undefined : sql`(length(${memberId}), ${memberId}) > (length(${after}), ${after})`
  const page = db
    .select()
    .from(findings)
    .where(and(pendingIn(guildId, runId), rest))
    .orderBy(sql`length(${memberId})`, memberId)
  const rows = await read(page.limit(limit))
  return rows.map((row) => {
    const { outcome: _pending, ...finding } = toFinding(row)
    return finding
  })
}

export async function countPending(db: Db, guildId: Id, runId: string): Promise<number> {
  return await read(db.$count(findings, pendingIn(guildId, runId)))
}
