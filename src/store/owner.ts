import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { StoreFault, toFault } from './fault.ts'
import { isMigrated, LOCK, migrate } from './migrate.ts'
import * as schema from './schema/index.ts'

// On a server the tables may belong to a role of their own, and the bot's lacks the rights to change or remove what was recorded.

/** What the bot's own role may do with the tables that are not like all others. */
const RIGHTS: Readonly<Record<string, string>> = {
  trail: 'select, insert',
  trail_checkpoints: 'select, insert',
  trail_truncations: 'select, insert',
  // A chain's head moves on with each line.
  trail_heads: 'select, insert, update',
  // Texts of people can be erased.
  trail_texts: 'select, insert, delete',
  rolecall_migrations: 'select',
}
const ALL = 'select, insert, update, delete'

const TABLES = [
  ...Object.values(schema)
    .filter((value) => is(value, PgTable))
    .map((table) => getTableName(table)),
  'rolecall_migrations',
]

/**
 * Brings the database up to this program as `owner`, gives the role that `bot` connects with what it needs and no more, and returns the names of the
 * migrations that were applied. Throws `StoreFault` in which it is said whose rights are wrong.
 */
export async function migrateAsOwner(owner: Sql, bot: Sql): Promise<readonly string[]> {
  const [asked] = await bot`select current_user as role`
  const role = String(asked!.role)
  await mustOwn(owner, role)
  const tags = await asOwner(() => migrate(owner))
  await asOwner(() => giveRights(owner, role))
  if (!(await isMigrated(bot))) throw new StoreFault(ELSEWHERE)
  return tags
}

/** Whether the bot's role could remove lines all the same: it is a superuser, or belongs to whoever owns the tables. */
export async function mayRemoveLines(bot: Sql): Promise<boolean> {
  const [row] = await bot`select has_table_privilege('trail', 'DELETE') as may`
  return row?.may === true
}

async function mustOwn(owner: Sql, role: string): Promise<void> {
  const [row] = await asOwner(
    () => owner`
    select current_user = ${role} as same, coalesce((
      select not pg_has_role(relowner, 'USAGE') from pg_class where oid = to_regclass('rolecall_migrations')), false) as others`,
  )
  if (row?.same)
    throw new StoreFault(
      `Both addresses name the user ${role}, so the bot could change what was recorded. Let one user own the tables, in MIGRATE_DATABASE_URL, and another be the bot, in DATABASE_URL; or take MIGRATE_DATABASE_URL out.`,
    )
  if (row?.others) throw new StoreFault(NOT_OWNER)
}

async function giveRights(owner: Sql, role: string): Promise<void> {
  const [place] = await owner`select quote_ident(current_schema()) as schema, quote_ident(${role}) as role`
  const { schema: where, role: whom } = place as unknown as { schema: string; role: string }
  await owner.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCK})`
    await tx.unsafe(`grant usage on schema ${where} to ${whom}`)
    for (const table of TABLES) {
      await tx.unsafe(`revoke all on ${where}.${table} from ${whom}`)
      await tx.unsafe(`grant ${RIGHTS[table] ?? ALL} on ${where}.${table} to ${whom}`)
    }
    await tx.unsafe(`grant execute on function ${where}.trail_truncate(text, integer) to ${whom}`)
  })
}

const NOT_OWNER =
  'The user in MIGRATE_DATABASE_URL does not own the tables, so it cannot say who may do what with them. As a superuser let it own them (REASSIGN OWNED BY the-bot TO the-owner, in this database), then start again.'
const ELSEWHERE =
  'MIGRATE_DATABASE_URL and DATABASE_URL lead to different databases or schemas: what the one has made the other does not see. Let both name the same database, and let both users look for tables in the same schema (ALTER ROLE … SET search_path), then start again.'

/** What goes wrong on the owner's connection is told of the owner's setting. */
async function asOwner<T>(deed: () => PromiseLike<T>): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    const fault = toFault(error)
    if (!(fault instanceof StoreFault)) throw fault
    throw new StoreFault(fault.message.replaceAll(/(?<!_)DATABASE_URL/g, 'MIGRATE_DATABASE_URL'))
  }
}
