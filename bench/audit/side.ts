import type { Sql } from 'postgres'
import type { Address } from '#src/identity/server/settings.ts'
import type { TownPlan } from '../guild/town.ts'

// What both sides of a whole run are asked, and how their findings are compared.

export type AuditQuestion = ({ readonly ask: 'open' } & AuditPlan) | { readonly ask: 'run' } | { readonly ask: 'close' }

export interface AuditPlan {
  readonly town: TownPlan
  /** Where the people are. */
  readonly identity: Address
  /** Where the findings go. */
  readonly record: string
}

export interface Audited {
  /** From the order to the last stored finding. */
  readonly ms: number
  /** The longest that the event loop stood still meanwhile. */
  readonly stallMs: number
  readonly stored: Stored
}

export interface Stored {
  readonly findings: number
  readonly digest: string
}

export interface Auditor {
  /** A whole report; resolves with what then reads what was stored. */
  run(): Promise<() => Promise<Stored>>
  close(): Promise<void>
}

const COLUMNS = `member_id, identity_id, category, policy_action, decided_by, gates, effective_action, kick, remove_roles, add_roles,
  excess_roles, missing_roles, unreachable_roles`

/** What a table holds of one run, whoever put it there. */
export async function storedFindings(sql: Sql, table: string, condition: string): Promise<Stored> {
  const [row] = await sql.unsafe<Stored[]>(
    `select count(*)::int as findings, md5(coalesce(string_agg(f::text, '|' order by member_id), '')) as digest
      from (select ${COLUMNS} from ${table} where ${condition}) f`,
  )
  return row!
}
