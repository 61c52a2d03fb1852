import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import { PgTable } from 'drizzle-orm/pg-core'
import postgres from 'postgres'
import { afterEach, describe, expect, it } from 'vitest'
import { migrate } from '#src/store/migrate.ts'
import * as schema from '#src/store/schema/index.ts'
import { withDatabases, withServer } from '../database.ts'

const FOLDER = join(import.meta.dirname, '../../migrations')
const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'))
const tags = files.map((name) => name.replace(/\.sql$/, ''))

/** A copy of the migrations, with the change that a later or an edited version of the program would have. */
function changed(change: (folder: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-test-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(FOLDER, folder, { recursive: true })
  change(folder)
  return folder
}

function add(folder: string, tag: string, text: string): void {
  writeFileSync(join(folder, `${tag}.sql`), text)
  const path = join(folder, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...journal, entries: [...journal.entries, { tag }] }))
}

describe('the migrations', () => {
  it.each(files)('%s opens with a sentence', (name) => {
    expect(readFileSync(join(FOLDER, name), 'utf8').split('\n')[0]).toMatch(/^-- [A-Z].{20,}\.$/)
  })

  it('leave nothing for drizzle to add: schema and migrations say the same', async () => {
    const newest = readdirSync(join(FOLDER, 'meta'))
      .filter((name) => name.endsWith('_snapshot.json'))
      .sort()
      .at(-1)!
    const laid = JSON.parse(readFileSync(join(FOLDER, 'meta', newest), 'utf8'))
    const now = generateDrizzleJson({ ...schema }, laid.id, undefined, 'snake_case')
    expect(await generateMigration(laid, now)).toEqual([])
  })
})

/** The migrations up to this one, as an earlier version of the program had them. */
function upTo(last: string): string {
  return changed((folder) => {
    const path = join(folder, 'meta/_journal.json')
    const journal = JSON.parse(readFileSync(path, 'utf8'))
    const entries = journal.entries.filter(({ tag }: { tag: string }) => tag <= last)
    writeFileSync(path, JSON.stringify({ ...journal, entries }))
  })
}

withServer('a database of before people had versions', (url) => {
  it('has one for each guild once it is brought up, and keeps the people', async () => {
    const sql = postgres(url(), { max: 1, onnotice: () => {} })
    try {
      await migrate(sql, upTo('0003_enforcement'))
      await sql`insert into identity_people select guild, n::text, 'person', true, false, true, null
        from unnest(array['1001', '1002']) as guild, generate_series(1, 500) as n`
      await sql`insert into identity_states values ('1003', 'Member')`
      expect(await migrate(sql)).toEqual(tags.filter((tag) => tag > '0003_enforcement'))
      const versions = await sql`select guild_id as guild, identity_version(guild_id) as version
        from identity_versions order by guild_id`
      expect(versions.map(({ guild }) => guild)).toEqual(['1001', '1002', '1003'])
      expect(new Set(versions.map(({ version }) => version)).size).toBe(3)
      expect((await sql`select count(*)::int as n from identity_people`)[0]?.n).toBe(1_000)
    } finally {
      await sql.end()
    }
  })
})

withDatabases('a database', (database) => {
  it('has every table and column of the schema, and no other', async () => {
    const rows = await database.opened.sql`
      select table_name || '.' || column_name as name from information_schema.columns where table_schema = current_schema()`
    const casing = new CasingCache('snake_case')
    const tables = Object.values(schema).filter((value) => is(value, PgTable))
    const columns = tables.flatMap((table) =>
      Object.values(getTableColumns(table)).map((column) => `${getTableName(table)}.${casing.getColumnCasing(column)}`),
    )
    const there = rows.map(({ name }) => String(name)).filter((name) => !name.startsWith('rolecall_migrations.'))
    expect(there.toSorted()).toEqual(columns.toSorted())
  })

  it('keys every table by guild first', async () => {
    const rows = await database.opened.sql`
      select c.relname as name, a.attname as first from pg_index i join pg_class c on c.oid = i.indrelid
        join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
      where i.indisprimary and c.relnamespace = current_schema()::regnamespace and c.relname <> 'rolecall_migrations'`
    expect(rows.length).toBeGreaterThan(15)
    expect(rows.filter(({ first }) => first !== 'guild_id')).toEqual([])
  })

  it('that is up to date is left alone', async () => {
    expect(await migrate(database.opened.sql)).toEqual([])
  })

  it('of a newer version is refused, and it is said which version to use', async () => {
    const { sql } = database.opened
    const future = changed((folder) => add(folder, '9999_from_the_future', 'select 1'))
    expect(await migrate(sql, future)).toEqual(['9999_from_the_future'])
    await expect(migrate(sql)).rejects.toMatchObject({
      name: 'StoreFault',
      message: expect.stringMatching(/newer rolecall.*9999_from_the_future.*Run that newer version/),
    })
    await sql`delete from rolecall_migrations where tag = '9999_from_the_future'`
  })

  it('is not touched by a migration that was edited after it was applied', async () => {
    const edited = changed((folder) => writeFileSync(join(folder, files[0]!), '-- Edited.'))
    await expect(migrate(database.opened.sql, edited)).rejects.toThrow(`The migration ${tags[0]} is not the one`)
  })

  it('keeps nothing of a migration that breaks off in the middle, nor of the one before it', async () => {
    const { sql } = database.opened
    const broken = changed((folder) => {
      add(folder, '9998_good', 'create table half (id int);')
      add(folder, '9999_broken', 'create table other_half (id int);\n--> statement-breakpoint\nselect 1 / 0;')
    })
    await expect(migrate(sql, broken)).rejects.toMatchObject({ code: '22012' })
    const [row] = await sql`select to_regclass('half') as half, to_regclass('other_half') as other`
    expect(row).toEqual({ half: null, other: null })
    const applied = await sql`select tag from rolecall_migrations order by tag`
    expect(applied.map(({ tag }) => tag)).toEqual(tags)
  })
})
