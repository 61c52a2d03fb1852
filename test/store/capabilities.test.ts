import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { CAPABILITIES } from '#src/core/capability.ts'
import { capabilityGrants, subscriptions } from '#src/store/schema/standing.ts'
import type { StandingBook } from '#src/store/standing-book.ts'
import { withDatabases } from '../database.ts'
import { AT, linesOf, newGuild, typesOf } from './book.ts'
import { BY, standingBookOf } from './standing-book.ts'

withDatabases('a capability', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)

  it('is held by nobody at first', async () => {
    expect(await book().capabilities(newGuild())).toEqual(new Map())
  })

  it('is granted to roles of one guild, and grants no other', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    expect(await book().grantCapability(guildId, 'bots', '100', BY)).toBe('granted')
    expect(await book().grantCapability(guildId, 'bots', '9', BY)).toBe('granted')
    expect(await book().grantCapability(guildId, 'run', '9', BY)).toBe('granted')
    expect(await book().capabilities(guildId)).toEqual(
      new Map([
        ['run', ['9']],
        ['bots', ['9', '100']],
      ]),
    )
    expect(await book().capabilities(other)).toEqual(new Map())
    const [line] = await linesOf(database.opened.db, guildId)
    expect(line).toMatchObject({
      type: 'capability.granted',
      actor: 'discord:7',
      cause: 'interaction:5',
      subject: 'role:100',
      data: { capability: 'bots' },
    })
    expect(JSON.stringify(line)).not.toContain('Monday')
  })

  it('is granted once and revoked once, each with a line', async () => {
    const guildId = newGuild()
    const grants = Array.from({ length: 4 }, () => book().grantCapability(guildId, 'undo', '9', BY))
    expect((await Promise.all(grants)).toSorted()).toEqual(['granted', 'had it', 'had it', 'had it'])
    expect(await book().revokeCapability(guildId, 'stop', '9', BY)).toBe('had it not')
    expect(await book().revokeCapability(guildId, 'undo', '9', BY)).toBe('revoked')
    expect(await book().revokeCapability(guildId, 'undo', '9', BY)).toBe('had it not')
    expect(await book().capabilities(guildId)).toEqual(new Map())
    expect(await typesOf(database.opened.db, guildId)).toEqual(['capability.granted', 'capability.revoked'])
  })

  it('that this version does not know is not shown', async () => {
    const guildId = newGuild()
    const row = { guildId, capability: 'everything', roleId: '9', at: AT, actor: 'cli:ann' }
    await database.opened.db.insert(capabilityGrants).values(row)
    expect(await book().capabilities(guildId)).toEqual(new Map())
  })

  it('is granted to as many roles as a guild can have, and every capability to each', async () => {
    const guildId = newGuild()
    for (const capability of CAPABILITIES)
      await database.opened.sql`
        insert into capability_grants (guild_id, capability, role_id, at, actor)
        select ${guildId}, ${capability}, n::text, now(), 'cli:ann' from generate_series(1, 249) as n`
    const asked = ['1000', '1001', '1002'].map((roleId) => book().grantCapability(guildId, 'read', roleId, BY))
    const ends = await Promise.allSettled(asked)
    const refused = ends.filter((end) => end.status === 'rejected').map(({ reason }) => String(reason))
    expect(refused).toHaveLength(2)
    for (const words of refused) expect(words).toContain('The capability read is granted to 250 roles')
    const held = await book().capabilities(guildId)
    expect([held.size, held.get('read')?.length]).toEqual([CAPABILITIES.length, 250])
  })
})

withDatabases('the notices by direct message', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)

  it('go to those who subscribed, until they end it', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    await book().subscribe(guildId, '8', true, { ...BY, at: AT + 1 })
    await book().subscribe(guildId, '7', true, BY)
    expect(await book().subscribers(guildId)).toEqual(['7', '8'])
    expect([await book().subscribed(guildId, '7'), await book().subscribed(other, '7')]).toEqual([true, false])
    await book().subscribe(guildId, '7', false, BY)
    expect(await book().subscribed(guildId, '7')).toBe(false)
    expect(await book().subscribers(guildId)).toEqual(['8'])
  })

  it('are subscribed to with a line, which is not repeated', async () => {
    const guildId = newGuild()
    for (const wanted of [false, true, true, false, false]) await book().subscribe(guildId, '7', wanted, BY)
    expect(await linesOf(database.opened.db, guildId)).toMatchObject([
      { type: 'subscription.started', actor: 'discord:7', subject: 'member:7' },
      { type: 'subscription.ended', actor: 'discord:7', subject: 'member:7' },
    ])
  })

  it('go to a hundred at most, however many ask at once', async () => {
    const guildId = newGuild()
    const asked = Array.from({ length: 104 }, (_, nth) => book().subscribe(guildId, String(nth + 1), true, BY))
    const ends = await Promise.allSettled(asked)
    const refused = ends.filter((end) => end.status === 'rejected')
    expect(refused.map(({ reason }) => reason.name)).toEqual(['Refusal', 'Refusal', 'Refusal', 'Refusal'])
    expect(await database.opened.db.$count(subscriptions, eq(subscriptions.guildId, guildId))).toBe(100)
    expect(await book().subscribers(guildId)).toHaveLength(100)
  })
})
