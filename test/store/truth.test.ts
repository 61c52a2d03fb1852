import { eq, sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import type { Vitals } from '#src/core/directory.ts'
import type { Identity } from '#src/core/model.ts'
import { peopleOf } from '#src/core/people.ts'
import type { Book } from '#src/store/book.ts'
import { acceptedPeople, truthReadings } from '#src/store/schema/guilds.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, HOUR, linesOf, MINUTE, newGuild } from './book.ts'

const vitals = (linked: number, groups: Readonly<Record<string, number>> = {}): Vitals => ({
  identities: linked,
  linked,
  withAccess: linked - 1,
  perGroup: new Map(Object.entries(groups)),
  perState: new Map([['Member', linked]]),
})

withDatabases('the baseline', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const linked = async (guildId: string, now: number) => (await book().baseline(guildId, 'native', now))?.linked ?? null

  it('is nothing before the first accepted reading', async () => {
    expect(await book().baseline(newGuild(), 'native', AT)).toBeNull()
  })

  it('is the highest of the last day, number by number', async () => {
    const guildId = newGuild()
    await book().accept(guildId, 'native', vitals(10, { Pilots: 4, constructor: 2 }), AT)
    await book().accept(guildId, 'native', vitals(8, { Pilots: 6, ['__proto__']: 3 }), AT + MINUTE)
    await book().accept(guildId, 'native', vitals(9, { Pilots: 5 }), AT + 3 * HOUR)
    expect(await book().baseline(guildId, 'native', AT + 4 * HOUR)).toEqual({
      linked: 10,
      withAccess: 9,
      perGroup: new Map([
        ['Pilots', 6],
        ['constructor', 2],
        ['__proto__', 3],
      ]),
      perState: new Map([['Member', 10]]),
    })
  })

  it('does not follow many small drops within a day, and forgets what is older', async () => {
    const guildId = newGuild()
    for (let hour = 0; hour <= 23; hour++) await book().accept(guildId, 'native', vitals(100 - hour), AT + hour * HOUR)
    expect(await linked(guildId, AT + 23 * HOUR)).toBe(100)
    expect(await linked(guildId, AT + 24 * HOUR)).toBe(99)
    expect(await linked(guildId, AT + 30 * HOUR)).toBe(93)
  })

  it('is the newest reading where nothing was accepted for a day: silence does not wipe it out', async () => {
    const guildId = newGuild()
    await book().accept(guildId, 'native', vitals(50), AT)
    await book().accept(guildId, 'native', vitals(40), AT + MINUTE)
    expect(await linked(guildId, AT + 23 * HOUR)).toBe(50)
    expect(await linked(guildId, AT + 90 * 24 * HOUR)).toBe(40)
  })

  it('starts anew where a human accepts a reading, in the same hour too', async () => {
    const guildId = newGuild()
    await book().accept(guildId, 'native', vitals(50), AT)
    const by = { actor: 'discord:7', cause: 'interaction:9', reason: null, at: AT + MINUTE } as const
    await book().acceptByHuman(guildId, 'native', vitals(20), by)
    expect(await linked(guildId, AT + 2 * MINUTE)).toBe(20)
    await book().accept(guildId, 'native', vitals(22), AT + 3 * MINUTE)
    expect(await linked(guildId, AT + 4 * MINUTE)).toBe(22)
    expect(await linesOf(database.opened.db, guildId)).toMatchObject([
      {
        type: 'truth.accepted',
        actor: 'discord:7',
        subject: 'source:native',
        data: { before: { linked: 50 }, after: { linked: 20 } },
      },
    ])
  })

  it('keeps a bounded number of rows, and each guild and source its own', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    for (let nth = 0; nth < 200; nth++) await book().accept(guildId, 'native', vitals(10), AT + nth * 20 * MINUTE)
    const { db } = database.opened
    expect(await db.$count(truthReadings, eq(truthReadings.guildId, guildId))).toBeLessThanOrEqual(25)
    expect(await linked(other, AT)).toBeNull()
    expect(await book().baseline(guildId, 'alliance-auth', AT)).toBeNull()
  })

  it('misses none of the readings that are accepted at once', async () => {
    const guildId = newGuild()
    await Promise.all(Array.from({ length: 12 }, (_, nth) => book().accept(guildId, 'native', vitals(nth + 1), AT)))
    expect(await linked(guildId, AT)).toBe(12)
  })
})

const person = (id: number, groups: readonly string[] = ['Pilots']): Identity => ({
  ...{ id: String(id), username: 'a name', active: true, superuser: false, access: true },
  ...{ state: 'Member', groups, discordIds: [String(195_846_210_987_196_416n + BigInt(id))] },
})

const crowd = (count: number, groups?: readonly string[]) =>
  Array.from({ length: count }, (_, at) => person(at + 1, groups))

withDatabases('who was there when the source was accepted', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const keep = (guildId: string, source: string, people: readonly Identity[], at: number) =>
    book().keepAccepted(guildId, source, peopleOf(people), at)

  async function kept(guildId: string, source: string): Promise<readonly Identity[]> {
    const people: Identity[] = []
    for await (const part of book().acceptedPeople(guildId, source)) people.push(...part)
    return people
  }

  it('is kept whole but for their names, each guild and source its own, the newest in place of the one before', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    expect([await book().acceptedSnapshots(guildId), await kept(guildId, 'native')]).toEqual([[], []])
    await keep(guildId, 'native', crowd(9_000), AT)
    await keep(guildId, 'view', crowd(1), AT + HOUR)
    expect(await kept(guildId, 'native')).toEqual(crowd(9_000).map((one) => ({ ...one, username: '' })))
    const fewer = [person(7, ['Direc\u{1F600}tors', '"; drop']), { ...person(8), state: null, active: false }]
    await keep(guildId, 'native', fewer, AT + 2 * HOUR)
    expect(await kept(guildId, 'native')).toEqual(fewer.map((one) => ({ ...one, username: '' })))
    expect(await book().acceptedSnapshots(guildId)).toEqual([
      { source: 'native', at: AT + 2 * HOUR, people: 2 },
      { source: 'view', at: AT + HOUR, people: 1 },
    ])
    expect(await book().acceptedSnapshots(other)).toEqual([])
  })

  it('is not written again where nobody has changed, but for the moment', async () => {
    const guildId = newGuild()
    await keep(guildId, 'native', crowd(3), AT)
    const version = async () => {
      const where = eq(acceptedPeople.guildId, guildId)
      const [row] = await database.opened.db.select({ at: sql`xmin` }).from(acceptedPeople).where(where)
      return row?.at
    }
    const first = await version()
    await keep(guildId, 'native', crowd(3), AT + HOUR)
    expect(await version()).toEqual(first)
    expect((await book().acceptedSnapshots(guildId))[0]?.at).toBe(AT + HOUR)
    await keep(guildId, 'native', crowd(3, ['Directors']), AT + HOUR)
    expect(await version()).not.toEqual(first)
  })

  it('is one of those that were accepted at once, and no mixture', async () => {
    const guildId = newGuild()
    await Promise.all([1, 2, 3, 4].map((count) => keep(guildId, 'native', crowd(count * 3_000, [`${count}`]), AT)))
    const people = await kept(guildId, 'native')
    const [{ groups }] = people as [Identity]
    expect(people).toHaveLength(Number(groups[0]) * 3_000)
    expect((await book().acceptedSnapshots(guildId))[0]?.people).toBe(people.length)
  })
})
