import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Session } from './server/server.ts'

/** Tables (or views) with the columns that are read of each. */
export type Needed = Readonly<Record<string, readonly string[]>>

/** A column as the database describes it: its kind in the database's own lower-case word. */
export type Described = ReadonlyMap<string, ReadonlyMap<string, string>>

/** The columns of these tables that the connection may read; of a table that is not there, none. */
export async function describe(session: Session, tables: readonly string[]): Promise<Described> {
  const here = session.dialect === 'mysql' ? '= database()' : '= any (current_schemas(false))'
  const places = tables.map(() => '?').join(', ')
  const rows = await session.rows(
    `select table_name, column_name, data_type from information_schema.columns where table_schema ${here} and table_name in (${places})`,
    tables,
  )
  const described = new Map<string, Map<string, string>>(tables.map((table) => [table, new Map()]))
  for (const [table, column, kind] of rows) described.get(table ?? '')?.set(column ?? '', (kind ?? '').toLowerCase())
  return described
}

/** Throws with the name of everything that is missing. `whose` names the software, `advice` says what to look at. */
export async function mustHave(session: Session, needed: Needed, whose: string, advice: string): Promise<void> {
  const described = await describe(session, Object.keys(needed))
  const missing = Object.entries(needed).flatMap(([table, columns]) => missingOf(table, columns, described.get(table)))
  if (missing.length === 0) return
  throw new DirectoryUnreachable(
    `The identity database does not look like ${whose}: ${missing.join(', ')} cannot be found or may not be read. ${advice} Nobody is judged until then.`,
  )
}

function missingOf(
  table: string,
  columns: readonly string[],
  there: ReadonlyMap<string, string> | undefined,
): readonly string[] {
  if (!there || there.size === 0) return [`table ${table}`]
  return columns.filter((column) => !there.has(column)).map((column) => `column ${table}.${column}`)
}
