import { expect, it } from 'vitest'
import type { StandingBook } from '#src/store/standing-book.ts'
import { withDatabases } from '../database.ts'
import { AT, linesOf, MINUTE, newGuild, newId, typesOf } from './book.ts'
import { standingBookOf } from './standing-book.ts'

const BY = { actor: 'discord:7', cause: 'interaction:5', at: AT + MINUTE } as const

withDatabases('a role in quarantine', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)

  it('is told of once, however many acts are refused at once', async () => {
    const [guildId, runId] = [newGuild(), newId()]
    const told = Array.from({ length: 6 }, () => book().quarantine(guildId, '11', 'Missing \0 Permissions', runId, AT))
    expect((await Promise.all(told)).filter(Boolean)).toHaveLength(1)
    expect(await book().quarantine(guildId, '11', 'Missing Access', null, AT + 1)).toBe(false)
    const one = { what: '11', detail: 'Missing � Permissions', at: AT }
    expect(await book().quarantines(guildId)).toEqual(new Map([['11', one]]))
    expect(await linesOf(database.opened.db, guildId)).toMatchObject([
      {
        type: 'role.quarantined',
        actor: 'system:quarantine',
        subject: 'role:11',
        run: runId,
        data: { detail: 'Missing � Permissions' },
      },
    ])
  })

  it('is released by a person, with a line, and those that were not in it are not named', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    for (const what of ['11', '12', 'kick']) await book().quarantine(guildId, what, 'Missing Permissions', null, AT)
    await book().quarantine(other, '11', 'Missing Permissions', null, AT)
    expect(await book().release(guildId, ['kick', '11', '99'], BY)).toEqual(['kick', '11'])
    expect(await book().release(guildId, ['kick'], BY)).toEqual([])
    expect(await book().release(guildId, [], BY)).toEqual([])
    expect([...(await book().quarantines(guildId)).keys()]).toEqual(['12'])
    expect((await book().quarantines(other)).size).toBe(1)
    const released = (await linesOf(database.opened.db, guildId)).slice(3)
    expect(released.map(({ type, subject }) => `${type} ${subject}`).toSorted()).toEqual([
      'role.released act:kick',
      'role.released role:11',
    ])
    expect(released[0]).toMatchObject({ actor: 'discord:7', cause: 'interaction:5' })
    expect(await book().quarantine(guildId, '11', 'Missing Permissions', null, AT)).toBe(true)
  })

  it('gives way to newer ones once there are more than a guild has roles', async () => {
    const guildId = newGuild()
    await database.opened.sql`
      insert into quarantines (guild_id, what, detail, at)
      select ${guildId}, n::text, 'gone', to_timestamp(${AT / 1000} + n) from generate_series(1, 251) as n`
    expect(await book().quarantine(guildId, 'kick', 'Missing Permissions', null, AT + 999_000)).toBe(true)
    const left = await book().quarantines(guildId)
    expect([left.size, left.has('1'), left.has('2'), left.has('kick')]).toEqual([251, false, true, true])
    expect(await linesOf(database.opened.db, guildId)).toMatchObject([
      { type: 'role.quarantined', subject: 'act:kick' },
      { type: 'role.released', actor: 'system:quarantine', subject: 'role:1' },
    ])
  })
})

withDatabases('a contest', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)
  const counted = { grantorId: '55', times: 3, at: AT }
  const facts = { what: 'comes_back', ...counted } as const

  it('is new once, and concerns one role of one member', async () => {
    const guildId = newGuild()
    const told = Array.from({ length: 6 }, () => book().contest(guildId, '4', '11', facts))
    expect((await Promise.all(told)).filter(Boolean)).toHaveLength(1)
    expect(await book().contest(guildId, '4', '12', { ...facts, grantorId: null })).toBe(true)
    expect(await book().contested(guildId, '4')).toEqual(new Set(['11', '12']))
    expect(await book().contested(guildId, '5')).toEqual(new Set())
    const [line, ...more] = await linesOf(database.opened.db, guildId)
    expect(more).toHaveLength(1)
    expect(line).toMatchObject({
      type: 'role.contested',
      actor: 'system:contest',
      subject: 'member:4',
      data: { role: '11', what: 'comes_back', grantor: '55', times: 3 },
    })
  })

  it('is shown, the newest first', async () => {
    const guildId = newGuild()
    await book().contest(guildId, '4', '11', facts)
    await book().contest(guildId, '5', '11', { what: 'goes_away', grantorId: null, times: 4, at: AT + 1 })
    expect(await book().contests(guildId, 5)).toEqual([
      { memberId: '5', roleId: '11', grantorId: null, times: 4, at: AT + 1 },
      { memberId: '4', roleId: '11', ...counted },
    ])
    expect(await book().contests(guildId, 1)).toHaveLength(1)
  })

  it('is ended by a person for all roles of the member, with a line each', async () => {
    const guildId = newGuild()
    for (const roleId of ['11', '12']) await book().contest(guildId, '4', roleId, facts)
    await book().contest(guildId, '5', '11', facts)
    await book().endContest(guildId, '4', BY)
    await book().endContest(guildId, '4', BY)
    expect(await book().contested(guildId, '4')).toEqual(new Set())
    expect(await book().contested(guildId, '5')).toEqual(new Set(['11']))
    const ended = (await linesOf(database.opened.db, guildId)).slice(3)
    expect(ended.map(({ data }) => (data as { role: string }).role).toSorted()).toEqual(['11', '12'])
    expect(ended[0]).toMatchObject({
      type: 'contest.ended',
      actor: 'discord:7',
      cause: 'interaction:5',
      subject: 'member:4',
    })
    expect(await book().contest(guildId, '4', '11', facts)).toBe(true)
  })

  it('gives way to newer ones once there are ten thousand', async () => {
    const guildId = newGuild()
    await database.opened.sql`
      insert into contests (guild_id, member_id, role_id, times, at)
      select ${guildId}, n::text, '11', 3, to_timestamp(${AT / 1000} + n) from generate_series(1, 10000) as n`
    expect(await book().contest(guildId, '20000', '11', { ...facts, at: AT + 20_000_000 })).toBe(true)
    expect([(await book().contested(guildId, '1')).size, (await book().contested(guildId, '2')).size]).toEqual([0, 1])
    expect(await typesOf(database.opened.db, guildId)).toEqual(['role.contested', 'contest.ended'])
  })
})

withDatabases('a guild that goes blind', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)
  const facts = { source: 'native', why: ['no_access', 'dropped:group:Pilots'], problem: null, at: AT }

  it('is so once, by what made it blind first', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    const told = Array.from({ length: 6 }, () => book().goBlind(guildId, facts))
    expect((await Promise.all(told)).filter(Boolean)).toHaveLength(1)
    expect(await book().goBlind(guildId, { ...facts, why: [], problem: 'No answer.', at: AT + 1 })).toBe(false)
    const { at: since, ...rest } = facts
    expect(await book().blindness(guildId)).toEqual({ ...rest, since })
    expect(await book().blindness(other)).toBeNull()
    expect(await linesOf(database.opened.db, guildId)).toMatchObject([
      { type: 'guild.blinded', actor: 'system:truth', subject: `guild:${guildId}`, data: rest },
    ])
  })

  it('sees again once, and says since when it did not', async () => {
    const guildId = newGuild()
    expect(await book().endBlindness(guildId, AT)).toBeNull()
    await book().goBlind(guildId, { ...facts, why: [], problem: 'The source did not answer.' })
    const ends = await Promise.all(Array.from({ length: 4 }, () => book().endBlindness(guildId, AT + MINUTE)))
    expect(ends.filter((since) => since !== null)).toEqual([AT])
    expect(await book().blindness(guildId)).toBeNull()
    const [, line, ...more] = await linesOf(database.opened.db, guildId)
    expect(more).toEqual([])
    expect(line).toMatchObject({ type: 'guild.sighted', at: AT + MINUTE, data: { source: 'native', since: AT } })
    expect(await book().goBlind(guildId, facts)).toBe(true)
  })
})
