import { expect, it } from 'vitest'
import type { Vitals } from '#src/core/directory.ts'
import type { Book } from '#src/store/book.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, HOUR, newGuild } from './book.ts'

const BY = { actor: 'cli:ann', reason: null, at: AT } as const

const vitals = (linked: number): Vitals => ({
  ...{ identities: linked, linked, withAccess: linked },
  ...{ perGroup: new Map([['Pilots', linked]]), perState: new Map() },
})

withDatabases('what verdicts are measured by', (database) => {
  const book = (): Book => bookOf(database.opened.db)

  it('is nothing but the safe settings where nothing was set and nothing accepted', async () => {
    const [one, guildId] = [book(), newGuild()]
    expect(await one.yardsticks(guildId, 'native', AT)).toEqual({
      settings: await one.settings(guildId),
      baseline: null,
    })
  })

  it('is the settings and the baseline of the source, as each is said alone', async () => {
    const [one, guildId] = [book(), newGuild()]
    await one.saveSettings(guildId, { protectedMembers: ['42'] }, BY)
    await one.accept(guildId, 'native', vitals(10), AT)
    await one.accept(guildId, 'native', vitals(8), AT + HOUR)
    await one.accept(guildId, 'other', vitals(30), AT)
    for (const now of [AT + HOUR, AT + 24 * HOUR, AT + 90 * HOUR]) {
      const both = await one.yardsticks(guildId, 'native', now)
      expect(both.settings.protectedMembers).toEqual(['42'])
      expect(both).toEqual({
        settings: await one.settings(guildId),
        baseline: await one.baseline(guildId, 'native', now),
      })
    }
    expect((await one.yardsticks(guildId, 'native', AT + HOUR)).baseline?.linked).toBe(10)
    expect((await one.yardsticks(guildId, 'native', AT + 24 * HOUR)).baseline?.linked).toBe(8)
    expect((await one.yardsticks(newGuild(), 'native', AT)).baseline).toBeNull()
  })

  it('is never older than what another process has set or accepted meanwhile', async () => {
    const [one, other, guildId] = [book(), book(), newGuild()]
    const seen = async () => {
      const { settings, baseline } = await one.yardsticks(guildId, 'native', AT)
      return [settings.protectedMembers, baseline?.linked ?? null]
    }
    expect(await seen()).toEqual([[], null])
    await other.saveSettings(guildId, { protectedMembers: ['42'] }, BY)
    expect(await seen()).toEqual([['42'], null])
    expect((await one.settings(guildId)).protectedMembers).toEqual(['42'])
    await other.accept(guildId, 'native', vitals(10), AT)
    expect(await seen()).toEqual([['42'], 10])
    await other.acceptByHuman(guildId, 'native', vitals(4), { actor: 'cli:ann', cause: 'x', reason: null, at: AT })
    expect(await seen()).toEqual([['42'], 4])
    await other.saveSettings(guildId, { protectedMembers: [] }, BY)
    expect(await seen()).toEqual([[], 4])
  })
})
