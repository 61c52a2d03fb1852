import { sql } from 'drizzle-orm'
import type { FoundAlike } from '#src/core/found.ts'
import type { Id } from '#src/core/model.ts'
import { shownIn } from './findings.ts'
import type { Db } from './handle.ts'
import { findings } from './schema/runs.ts'
import { read } from './transact.ts'

/** What a run found, as shown after every gate, gathered by what is counted: some dozens of rows, however many findings there are. */
export async function foundByRun(db: Db, guildId: Id, runId: string): Promise<readonly FoundAlike[]> {
  const { category, policyAction, decidedBy, effectiveAction, gates, excessRoles, missingRoles } = findings
  const differs = sql<boolean>`(cardinality(${excessRoles}) > 0 or cardinality(${missingRoles}) > 0)`
  const alike = { category, policyAction, decidedBy, effectiveAction, gates }
  const rows = await read(
    db
      .select({ ...alike, differs, count: sql<string>`count(*)` })
      .from(findings)
      .where(shownIn(guildId, runId))
      .groupBy(...Object.values(alike), differs),
  )
  // The columns hold only what a plan put there.
  return rows.map((row) => ({ ...row, count: Number(row.count) }) as FoundAlike)
}
