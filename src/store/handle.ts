import { fillPlaceholders, type Query, SQL } from 'drizzle-orm'
import { type PgDatabase, PgDialect } from 'drizzle-orm/pg-core'
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js'

/**
 * What reads and writes the tables: the database itself or a transaction in it.
 * Inside `db.transaction(async (tx) => …)` await only `tx`: the embedded engine has one session, and awaiting the outer handle there never ends.
 */
export type Db = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>

/** How drizzle is to name columns: as the migrations do. */
export const CASING = 'snake_case'

const dialect = new PgDialect({ casing: CASING })

type Values = Readonly<Record<string, unknown>>

/** Of which drizzle need not find the words any more. */
class Worded extends SQL {
  readonly #query: Query

  constructor(query: Query) {
    super([])
    this.#query = query
  }

  override toQuery(): Query {
    return this.#query
  }
}

/**
 * A statement that is put into words once, and asked with other values each time: drizzle takes about as long to word one as the database to answer it.
 * `words` has `sql.placeholder` where a value goes, inside `sql.param` with its column where that is to translate it.
 */
export class Statement<V extends Values = Values> {
  readonly words: SQL
  #query: Query | undefined

  constructor(words: SQL) {
    this.words = words
  }

  with(values: V): SQL {
    this.#query ??= dialect.sqlToQuery(this.words)
    const { sql, params } = this.#query
    return new Worded({ sql, params: fillPlaceholders(params, values) })
  }
}
