import { expect, it } from 'vitest'
import { Refusal } from '#src/core/refusal.ts'
import { allLinkedIdentities, linkedIdentities, MAX_LINKS } from '#src/store/manual-links.ts'
import { manualLinks } from '#src/store/schema/standing.ts'
import { withDatabases } from '../database.ts'
import { AT, linesOf, newGuild } from './book.ts'
import { BY, standingBookOf } from './standing-book.ts'

withDatabases('a link by hand', (database) => {
  const book = () => standingBookOf(database.opened.db)
  const link = (discordId: string, identityId: string) => ({
    discordId,
    identityId,
    source: 'native',
    reason: 'lost the phone',
  })

  it('is kept with who made it and why, in its own guild, and has a line without the reason', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    expect(await book().link(guildId, '11')).toBeNull()
    await book().linkByHand(guildId, link('11', 'A 1'), BY)
    const kept = { ...link('11', 'A 1'), by: 'discord:7', at: AT }
    expect(await book().link(guildId, '11')).toEqual(kept)
    expect(await book().link(other, '11')).toBeNull()
    expect(await book().linksTo(guildId, 'native', ['B', 'A 1'])).toEqual([kept])
    expect(await book().linksTo(guildId, 'native', [])).toEqual([])
    const [line] = await linesOf(database.opened.db, guildId)
    expect(line).toMatchObject({
      ...{ type: 'link.made', actor: 'discord:7', cause: 'interaction:5', subject: 'member:11' },
      data: { before: null, after: { identityId: 'A 1', source: 'native' } },
    })
    expect(JSON.stringify(line)).not.toContain('Monday')
  })

  it('of an account that has one is refused, whoever it names, and the first one stays', async () => {
    const guildId = newGuild()
    const wanted = ['A', 'B', 'C'].map((id) => book().linkByHand(guildId, link('11', id), BY))
    const ends = await Promise.allSettled(wanted)
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(Refusal)
    expect(await linesOf(database.opened.db, guildId)).toHaveLength(1)
  })

  it('is taken away once, with what it was in its line', async () => {
    const guildId = newGuild()
    await book().linkByHand(guildId, link('11', 'A'), BY)
    expect(await book().unlinkByHand(guildId, '12', BY)).toBeNull()
    expect(await book().unlinkByHand(guildId, '11', BY)).toMatchObject({ identityId: 'A', reason: 'lost the phone' })
    expect(await book().unlinkByHand(guildId, '11', BY)).toBeNull()
    const [, line, ...more] = await linesOf(database.opened.db, guildId)
    expect(line).toMatchObject({
      type: 'link.removed',
      data: { before: { identityId: 'A', source: 'native' }, after: null },
    })
    expect(more).toEqual([])
  })

  it('is found among others by its account', async () => {
    const guildId = newGuild()
    const { db } = database.opened
    for (const id of ['1', '2', '3']) await book().linkByHand(guildId, link(id, `to ${id}`), BY)
    expect(await linkedIdentities(db, guildId, 'native', ['2', '9', '3'])).toEqual(
      new Map([
        ['2', 'to 2'],
        ['3', 'to 3'],
      ]),
    )
    expect(await linkedIdentities(db, guildId, 'native', [])).toEqual(new Map())
    expect([...(await allLinkedIdentities(db, guildId, 'native')).keys()]).toEqual(['1', '2', '3'])
    expect(await allLinkedIdentities(db, newGuild(), 'native')).toEqual(new Map())
  })

  it('names somebody of its own source alone: elsewhere the same id is another’s', async () => {
    const guildId = newGuild()
    const { db } = database.opened
    await book().linkByHand(guildId, link('11', 'A'), BY)
    expect(await linkedIdentities(db, guildId, 'view', ['11'])).toEqual(new Map())
    expect(await allLinkedIdentities(db, guildId, 'view')).toEqual(new Map())
    expect(await book().linksTo(guildId, 'view', ['A'])).toEqual([])
    expect(await book().link(guildId, '11')).toMatchObject({ source: 'native' })
  })

  it('is refused where there are as many as there may be, and possible again when one is gone', async () => {
    const guildId = newGuild()
    const rows = Array.from({ length: MAX_LINKS }, (_, at) => ({
      ...{
        guildId,
        discordId: String(at + 100),
        identityId: '1',
        source: 'native',
        reason: '',
        actor: 'cli:test',
        at: AT,
      },
    }))
    for (let from = 0; from < rows.length; from += 1_000)
      await database.opened.db.insert(manualLinks).values(rows.slice(from, from + 1_000))
    await expect(book().linkByHand(guildId, link('11', 'A'), BY)).rejects.toThrow('10,000 accounts are linked by hand')
    expect(await book().link(guildId, '11')).toBeNull()
    await book().unlinkByHand(guildId, '100', BY)
    await book().linkByHand(guildId, link('11', 'A'), BY)
  })
})
