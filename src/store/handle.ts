import type { PgDatabase } from 'drizzle-orm/pg-core'
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js'

/**
 * What reads and writes the tables: the database itself or a transaction in it.
 * Inside `db.transaction(async (tx) => …)` await only `tx`: the embedded engine has one session, and awaiting the outer handle there never ends.
 */
export type Db = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>
