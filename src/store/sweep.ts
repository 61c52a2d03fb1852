import { lt, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Ledger } from './ledger.ts'
import { overrides } from './schema/guilds.ts'
import { orders } from './schema/runs.ts'
import { grants } from './schema/standing.ts'
import { read } from './transact.ts'

// What has had its day is cleared away, so that no table grows for ever. No lines: nothing that stands is changed, and the record keeps what was.

const DAY_MS = 24 * 3_600_000
/** Whoever asked has read the answer, or never will. */
const ORDERS_KEPT_MS = DAY_MS
/** Long enough to see who keeps giving roles; the lines stay. */
const GRANTS_KEPT_MS = 90 * DAY_MS
/** An override that is over still shows for a while why a member was spared, and outlives a clock that is set wrong. */
const OVERRIDES_KEPT_MS = 30 * DAY_MS
/** Rows in one statement, so that nobody waits long for it. */
const BATCH = 5_000

/** Clears away one batch of each. Returns how many rows went; where that is not 0 there may be more. */
export async function sweep({ db }: Ledger, now: number): Promise<number> {
  const remove = async (table: PgTable, over: SQL): Promise<number> => {
    const batch = sql`select ctid from ${table} where ${over} limit ${BATCH} for update skip locked`
    return (await read(db.delete(table).where(sql`ctid = any(array(${batch}))`).returning({ gone: sql`1` }))).length
  }
  const ofOrders = await remove(orders, lt(orders.at, now - ORDERS_KEPT_MS))
  const ofGrants = await remove(grants, lt(grants.at, now - GRANTS_KEPT_MS))
  return ofOrders + ofGrants + (await remove(overrides, lt(overrides.expiresAt, now - OVERRIDES_KEPT_MS)))
}
