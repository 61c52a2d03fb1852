import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Db } from '#src/store/handle.ts'
import { KeptStatements } from '#src/store/kept-statements.ts'
import { withDatabases } from '../database.ts'

describe('statements that are worth keeping', () => {
  it('are those that come again', () => {
    const kept = new KeptStatements()
    expect(['a', 'b', 'a', 'b', 'a'].map((text) => kept.keeps(text))).toEqual([false, false, true, true, true])
  })

  it('are never more than a connection has room for, and what is kept stays so', () => {
    const kept = new KeptStatements()
    const twice = (text: string) => [kept.keeps(text), kept.keeps(text)].at(-1)
    const texts = Array.from({ length: 300 }, (_, nth) => `select ${nth}`)
    expect(texts.filter(twice)).toEqual(texts.slice(0, 200))
    expect(texts.filter((text) => kept.keeps(text))).toEqual(texts.slice(0, 200))
  })

  it('are none that write many rows at once, nor those that came too long ago', () => {
    const kept = new KeptStatements()
    const long = `insert ${'($1),'.repeat(2_000)}`
    expect([kept.keeps(long), kept.keeps(long)]).toEqual([false, false])
    kept.keeps('rare')
    for (let nth = 0; nth < 500; nth++) kept.keeps(`select ${nth}`)
    expect(kept.keeps('rare')).toBe(false)
  })
})

withDatabases('a statement that comes again', (database) => {
  /** How many of those with this mark are prepared on the connection of the transaction. */
  const prepared = async (tx: Db, mark: string): Promise<number> => {
    const said = tx.execute<{ n: string }>(
      sql.raw(`select count(*) as n from pg_prepared_statements where statement like 'select %${mark}'`),
    )
    return Number((await said)[0]?.n)
  }

  it('is prepared on its connection from the second time on, and answers the same', async () => {
    await database.opened.db.transaction(async (tx) => {
      const seen: (readonly [unknown, number])[] = []
      for (const value of ['a', null, 'b', 'c']) {
        const [row] = await tx.execute(sql`select ${value}::text as said_again`)
        seen.push([row?.said_again, await prepared(tx, 'said_again')])
      }
      expect(seen).toEqual([
        ['a', 0],
        [null, 1],
        ['b', 1],
        ['c', 1],
      ])
    })
  })

  it('is prepared on none where it comes once, and where it has no values', async () => {
    await database.opened.db.transaction(async (tx) => {
      await tx.execute(sql`select ${1}::int as said_once`)
      for (let nth = 0; nth < 3; nth++) await tx.execute(sql`select 1 as said_plainly`)
      expect([await prepared(tx, 'said_once'), await prepared(tx, 'said_plainly')]).toEqual([0, 0])
    })
  })

  it('goes on being answered after its table has changed', async () => {
    const { db } = database.opened
    await db.execute(sql`create table changing (id int primary key, word text)`)
    await db.execute(sql`insert into changing values (1, 'one')`)
    const ask = () => db.execute(sql`select word from changing where id = ${1}`)
    for (let nth = 0; nth < 12; nth++) await ask()
    await db.execute(sql`alter table changing alter column word type varchar(10)`)
    for (let nth = 0; nth < 12; nth++) expect((await ask())[0]?.word).toBe('one')
  })
})
