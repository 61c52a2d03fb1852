import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql, TransactionSql } from 'postgres'
import { StoreFault } from './fault.ts'

// Migrations are applied at start, all that are missing in one transaction, so that none is ever half there.

interface Migration {
  readonly tag: string
  readonly text: string
  /** Of the text, so that a migration that was edited after it was applied is noticed. */
  readonly hash: string
}

/** Where this program's migrations lie. */
const FOLDER = join(import.meta.dirname, '../../migrations')
/** Any fixed number, the same for every version of this program: the advisory lock that migrating takes. */
export const LOCK = 7_265_438_201

/**
 * Brings the database up to this program, and returns the names of what was applied. `sql` has one connection of its own.
 * Of two processes that start at once the second waits and then finds nothing to do. Throws `StoreFault`.
 */
export async function migrate(sql: Sql, folder: string = FOLDER): Promise<readonly string[]> {
  const known = readMigrations(folder)
  // A role that may not create anything can run a database that needs nothing created.
  if (missing(known, await applied(sql)).length === 0) return []
  await mayCreate(sql)
  return await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCK})`
    await tx`create table if not exists rolecall_migrations (
      tag text primary key, hash text not null, applied_at timestamptz not null default now())`
    const wanted = missing(known, await applied(tx))
    for (const { tag, text, hash } of wanted) {
      await tx.unsafe(text)
      await tx`insert into rolecall_migrations (tag, hash) values (${tag}, ${hash})`
    }
    return wanted.map(({ tag }) => tag)
  })
}

function readMigrations(folder: string): readonly Migration[] {
  const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8'))
  return journal.entries.map(({ tag }) => {
    const text = readFileSync(join(folder, `${tag}.sql`), 'utf8').replaceAll('\r\n', '\n')
    return { tag, text, hash: createHash('sha256').update(text).digest('hex') }
  })
}

/** Whether nothing is missing here, for whoever may not look at more. Throws `StoreFault` as `migrate` does. */
export async function isMigrated(sql: Sql, folder: string = FOLDER): Promise<boolean> {
  return missing(readMigrations(folder), await applied(sql)).length === 0
}

/** Tag to hash; empty in a database that was never used. */
async function applied(sql: Sql | TransactionSql): Promise<ReadonlyMap<string, string>> {
  const [table] = await sql`select to_regclass('rolecall_migrations') is not null as there`
  if (!table?.there) return new Map()
  const rows = await sql`select tag, hash from rolecall_migrations`
  return new Map(rows.map(({ tag, hash }) => [String(tag), String(hash)]))
}

function missing(known: readonly Migration[], there: ReadonlyMap<string, string>): readonly Migration[] {
  const tags = new Set(known.map(({ tag }) => tag))
  const future = [...there.keys()].filter((tag) => !tags.has(tag)).sort()
  if (future.length > 0)
    throw new StoreFault(
      `The database was used by a newer rolecall: it has the migration ${future.at(-1)}, which this version does not know. Run that newer version again, or point DATABASE_URL (or DATA_DIR) at another database.`,
    )
  const edited = known.find(({ tag, hash }) => there.has(tag) && there.get(tag) !== hash)
  if (edited)
    throw new StoreFault(
      `The migration ${edited.tag} is not the one that this database was made with: its file was changed since. Put the file back as it was released, then start again.`,
    )
  return known.filter(({ tag }) => !there.has(tag))
}

async function mayCreate(sql: Sql): Promise<void> {
  const [row] = await sql`
    select current_schema() as schema, coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as may,
      (select pg_get_userbyid(relowner) from pg_class where oid = to_regclass('rolecall_migrations') and not pg_has_role(relowner, 'USAGE')) as owner`
  if (row?.owner != null)
    throw new StoreFault(
      `This version needs tables that are not there yet, and the tables belong to the user ${row.owner}, not to the one in DATABASE_URL. Run \`rolecall migrate\` with that user in MIGRATE_DATABASE_URL, then start again.`,
    )
  if (row?.may) return
  throw new StoreFault(
    `The user in DATABASE_URL may not create tables in ${row?.schema ? `the schema ${row.schema}` : 'any schema of its search path'}, and this version needs to. Let it own the database (ALTER DATABASE … OWNER TO …) or grant it CREATE on the schema, or run \`rolecall migrate\` with the user who is to own the tables in MIGRATE_DATABASE_URL; then start again.`,
  )
}
