import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import type { Vitals } from '#src/core/directory.ts'
import type { Book } from '#src/store/book.ts'
import { truthReadings } from '#src/store/schema/guilds.ts'
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
    const by = { actor: 'discord:7', cause: 'interaction:9', at: AT + MINUTE } as const
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
