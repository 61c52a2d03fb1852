import postgres from 'postgres'
import { expect, it } from 'vitest'
import type { Found } from '#src/core/directory.ts'
import type { Identity } from '#src/core/model.ts'
import { vitalsOf } from '#src/core/truth.ts'
import { nativeDirectory } from '#src/identity/native.ts'
import { openDatabase } from '#src/store/database.ts'
import type { Db } from '#src/store/handle.ts'
import { withDatabases, withServer } from '../database.ts'
import { newGuild } from '../store/book.ts'
import { afterAnswer, listening } from './asked.ts'
import { AT } from './contract.ts'
import { fill } from './fill.ts'
import { crowd, people } from './sample.ts'
import { somebodyWaits } from './waiting.ts'

// The people and the counts of an answer are of one moment, however they were read and whoever writes meanwhile.

const PEOPLE = crowd(40)
const ALL = PEOPLE.map(({ id }) => id)
const IDS = PEOPLE.flatMap(({ discordIds }) => discordIds)

/** What an answer counts, and what the people in it come to; everybody is asked for, so these are the same. */
function bothCounts({ claims, names, vitals }: Found) {
  const everybody = new Map<string, Identity>([...claims.values()].flat().map((one) => [one.id, one]))
  return [vitals, vitalsOf(everybody.values(), names)]
}

withDatabases('an answer', (database) => {
  it('to each of many who ask at once after a change rests on one counting', async () => {
    const { db, asked } = listening(database.opened.db)
    const guildId = newGuild()
    const directory = nativeDirectory(db, guildId, () => AT)
    for (const size of [40, 30]) {
      await fill(database.opened.db, guildId, people(crowd(size)))
      asked.forget()
      const answers = await Promise.all(IDS.map((id) => directory.find([id])))
      expect(new Set(answers.map(({ vitals }) => vitals.identities))).toEqual(new Set([size]))
      expect(asked.transactions).toHaveLength(1)
    }
  })

  it.each([1, 2, 5])('is of one moment where the people change %i times before they can be counted', async (times) => {
    const guildId = newGuild()
    const { db } = database.opened
    await fill(db, guildId, people(PEOPLE))
    let left = times
    const restless = beforeEachTransaction(db, async () => {
      if (left-- > 0) await fill(db, guildId, people(crowd(40 - times + left)))
    })
    const found = await nativeDirectory(restless, guildId, () => AT).find(IDS)
    const [counted, comeTo] = bothCounts(found)
    expect(counted).toEqual(comeTo)
    expect(counted?.identities).toBeLessThan(40)
  })

  it('about more ids than fit in one question is of one moment, and needs no counts that are known', async () => {
    const guildId = newGuild()
    const { db } = database.opened
    const many = crowd(1_100)
    await fill(db, guildId, people(many))
    const directory = nativeDirectory(db, guildId, () => AT)
    const ids = many.flatMap(({ discordIds }) => discordIds)
    const found = await directory.find(ids)
    expect(found.claims.size).toBe(1_100)
    const [counted, comeTo] = bothCounts(found)
    expect(counted).toEqual(comeTo)
    for (const asked of [ids, ['1']]) expect((await directory.find(asked)).vitals).toBe(found.vitals)
  })

  it('fails for all who wait for a counting that fails, and the next is counted anew', async () => {
    const guildId = newGuild()
    const { db } = database.opened
    await fill(db, guildId, people(PEOPLE))
    let broken = true
    const breaking = beforeEachTransaction(db, async () => {
      if (broken) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' })
    })
    const directory = nativeDirectory(breaking, guildId, () => AT)
    const answers = await Promise.allSettled([directory.find(['1']), directory.find(['2'])])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    broken = false
    expect((await directory.find(['1'])).vitals.identities).toBe(40)
  })
})

withServer('an answer, on a server', (url) => {
  it('always agrees with itself while somebody moves, removes and brings back people in one transaction after another', async () => {
    const { db, close } = await openDatabase({ url: url(), dataDir: '.', log: () => {} })
    const sql = postgres(url(), { max: 1, onnotice: () => {} })
    try {
      const guildId = newGuild()
      await fill(db, guildId, people(PEOPLE))
      const directory = nativeDirectory(db, guildId, () => AT)
      let writing = true
      const seen = new Set<string>()
      const read = async () => {
        while (writing) {
          const [counted, comeTo] = bothCounts(await directory.find(IDS))
          expect(counted).toEqual(comeTo)
          seen.add(JSON.stringify([...(counted?.perGroup ?? []), counted?.identities]))
        }
      }
      const readers = [read(), read(), read(), read()]
      for (let round = 0; round < 60; round++) await disturb(sql, guildId, round)
      writing = false
      await Promise.all(readers)
      expect(seen.size).toBeGreaterThan(10)
    } finally {
      await sql.end()
      await close()
    }
  })

  it('is of the moment at which its statement began, the version too, where that is read later', async () => {
    const { db, close } = await open(url())
    const sql = postgres(url(), { max: 1, onnotice: () => {} })
    try {
      const guildId = newGuild()
      await fill(db, guildId, people(PEOPLE))
      const directory = nativeDirectory(db, guildId, () => AT)
      await directory.find([])
      let finding: Promise<Found> | undefined
      await sql.begin(async (tx) => {
        await tx`lock table identity_versions in access exclusive mode`
        finding = directory.find(IDS)
        await somebodyWaits(tx)
        await tx`delete from identity_people where guild_id = ${guildId} and id = 'p3'`
      })
      const [counted, comeTo] = bothCounts(await finding!)
      expect(counted).toEqual(comeTo)
      expect((await directory.find([])).vitals.identities).toBe(39)
    } finally {
      await sql.end()
      await close()
    }
  })

  it.each([
    ['as they are counted', crowd(40)],
    ['as more are asked for than fit in one question', crowd(1_100)],
  ])('is of one moment where somebody empties a table %s, which shows in moments that were before', async (_, all) => {
    const [reading, other] = [await open(url()), await open(url())]
    const sql = postgres(url(), { max: 1, onnotice: () => {} })
    try {
      const guildId = newGuild()
      await fill(other.db, guildId, people(all))
      let emptying: Promise<unknown> = Promise.resolve()
      const empty = async () => {
        emptying = sql`truncate identity_people cascade`.then(() => {})
        await Promise.race([emptying, somebodyWaits(other.sql)])
      }
      const directory = nativeDirectory(afterAnswer(2, reading.db, empty), guildId, () => AT)
      const [counted, comeTo] = bothCounts(await directory.find(all.flatMap(({ discordIds }) => discordIds)))
      expect(counted).toEqual(comeTo)
      expect(counted?.identities).toBe(all.length)
      await emptying
      expect((await directory.find([])).vitals.identities).toBe(0)
    } finally {
      await Promise.all([sql.end(), reading.close(), other.close()])
    }
  })
})

const open = (url: string) => openDatabase({ url, dataDir: '.', log: () => {} })

/** Moves some people to another group, and takes every third time some away, every fourth time brings them back; every fifth time it is undone. */
async function disturb(sql: postgres.Sql, guildId: string, round: number): Promise<void> {
  const undone = new Error('undone')
  const some = PEOPLE.filter((_, at) => at % 7 === round % 7)
  const ids = some.map(({ id }) => id)
  await sql
    .begin(async (tx) => {
      await tx`delete from identity_memberships where guild_id = ${guildId} and person_id in ${tx(ids)}`
      await tx`update identity_people set access = not access where guild_id = ${guildId} and id in ${tx(ids)}`
      await tx`insert into identity_memberships select guild_id, id, ${`group ${round % 9}`} from identity_people
        where guild_id = ${guildId} and id in ${tx(ids)}`
      if (round % 3 === 0) await tx`delete from identity_people where guild_id = ${guildId} and id in ${tx(ids)}`
      if (round % 4 === 0) {
        await tx`insert into identity_people select ${guildId}, unnest(${ALL}::text[]), 'back', true, false, true, null
          on conflict do nothing`
        await tx`insert into identity_links select ${guildId}, unnest(${IDS}::text[]), unnest(${ALL}::text[])
          on conflict do nothing`
      }
      if (round % 5 === 0) throw undone
    })
    .catch((error) => {
      if (error !== undone) throw error
    })
}

/** The same database, in which something happens before each transaction is begun. */
function beforeEachTransaction(db: Db, deed: () => Promise<unknown>): Db {
  const transaction: Db['transaction'] = async (read, config) => {
    await deed()
    return await db.transaction(read, config)
  }
  return Object.assign(Object.create(db), { transaction }) as Db
}
