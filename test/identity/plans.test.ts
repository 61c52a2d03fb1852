import { type SQL, sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { nativeDirectory } from '#src/identity/native.ts'
import { openDatabase } from '#src/store/database.ts'
import type { Db } from '#src/store/handle.ts'
import { withServer } from '../database.ts'
import { listening } from './asked.ts'
import { AT } from './contract.ts'
import { fill } from './fill.ts'
import { crowd, people, person } from './sample.ts'

// One member's question stays a question about one member, whatever the database last believed of its tables.

const GUILD = '81384788765712384'
const OTHER = '81384788765712385'
const SIZE = 30_000
/** A walk down six indexes; all of the tables have some 2,000 pages. */
const FEW_PAGES = 60

/** What the statistics were made of, before so many people came that nobody counted. */
const BEFORE: readonly (readonly [string, (db: Db) => Promise<unknown>])[] = [
  ['there are none', async () => {}],
  ['they are those of empty tables', async (db) => await analyse(db)],
  [
    'they are those of one person',
    async (db) => {
      await fill(db, GUILD, people([person('1', { discordIds: ['11'], groups: ['Pilots'] })]))
      await analyse(db)
    },
  ],
  [
    'they are those of some who all claim the same account',
    async (db) => {
      const claim = ['1', '2', '3', '4', '5'].map((id) => person(id, { discordIds: ['11'], groups: ['Pilots'] }))
      await fill(db, GUILD, people(claim))
      await analyse(db)
    },
  ],
  [
    'they are those of another guild',
    async (db) => {
      await fill(db, OTHER, people(crowd(5_000)))
      await analyse(db)
    },
  ],
]

const analyse = (db: Db) => db.execute(sql`analyze identity_people, identity_memberships, identity_links`)

for (const [circumstance, before] of BEFORE)
  withServer(`the question about one member, where of statistics ${circumstance}`, (url) => {
    it('touches a few pages and walks through no table', async () => {
      const { db, close } = await openDatabase({ url: url(), dataDir: '.', log: () => {} })
      try {
        for (const table of ['people', 'memberships', 'links'])
          await db.execute(sql.raw(`alter table identity_${table} set (autovacuum_enabled = false)`))
        await before(db)
        const many = crowd(SIZE)
        await fill(db, GUILD, people(many))
        const { plan, pages } = await explained(db, await questionAbout(db, many[SIZE / 2]!.discordIds[0]!))
        expect(plan).not.toMatch(/Seq Scan on identity/)
        expect(pages).toBeLessThan(FEW_PAGES)
      } finally {
        await close()
      }
    })
  })

async function questionAbout(db: Db, discordId: string): Promise<SQL> {
  const { db: heard, asked } = listening(db)
  const { claims } = await nativeDirectory(heard, GUILD, () => AT).find([discordId])
  expect(claims.get(discordId)).toHaveLength(1)
  return asked.alone[0] as SQL
}

/** How the database answers, and how many pages it looks at for that. */
async function explained(db: Db, question: SQL): Promise<{ readonly plan: string; readonly pages: number }> {
  const rows = await db.execute<{ 'QUERY PLAN': string }>(sql`explain (analyze, buffers) ${question}`)
  const lines = rows.map((row) => row['QUERY PLAN'])
  const [, hit = '0', read = '0'] = /Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/.exec(lines.join('\n')) ?? []
  return { plan: lines.join('\n'), pages: Number(hit) + Number(read) }
}
