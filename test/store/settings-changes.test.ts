import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Override, Settings } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { acknowledgements, settings } from '#src/store/schema/guilds.ts'
import type { StandingBook } from '#src/store/standing-book.ts'
import { withDatabases } from '../database.ts'
import { AT, HOUR, linesOf, newGuild, typesOf } from './book.ts'
import { BY, standingBookOf } from './standing-book.ts'

const protect = (id: string) => (before: Settings) => ({ protectedMembers: [...before.protectedMembers, id] })

withDatabases('a change of settings', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)

  it('is given what holds, and says what it was, what it is, and which settings are different', async () => {
    const guildId = newGuild()
    await book().changeSettings(guildId, protect('1'), BY)
    const { before, after, changed } = await book().changeSettings(guildId, protect('2'), BY)
    expect([before.protectedMembers, after.protectedMembers]).toEqual([['1'], ['1', '2']])
    expect(changed).toEqual(['protectedMembers'])
    expect(await book().settings(guildId)).toEqual(after)
    const [, line] = await linesOf(database.opened.db, guildId)
    expect(line).toMatchObject({
      type: 'setting.changed',
      actor: 'discord:7',
      cause: 'interaction:5',
      subject: 'setting:protectedMembers',
      data: { before: ['1'], after: ['1', '2'] },
    })
    expect(JSON.stringify(line)).not.toContain('Monday')
  })

  it('that changes nothing writes nothing', async () => {
    const guildId = newGuild()
    const { changed } = await book().changeSettings(guildId, ({ policy, blast }) => ({ policy, blast }), BY)
    expect(changed).toEqual([])
    expect(await linesOf(database.opened.db, guildId)).toEqual([])
  })

  it('loses nothing where many make one at once', async () => {
    const guildId = newGuild()
    const ids = Array.from({ length: 12 }, (_, nth) => String(nth + 1))
    await Promise.all(ids.map((id) => book().changeSettings(guildId, protect(id), BY)))
    const { protectedMembers } = await book().settings(guildId)
    expect(protectedMembers.toSorted((a, b) => Number(a) - Number(b))).toEqual(ids)
  })

  it('keeps what maps and rules hold, names of groups and all', async () => {
    const guildId = newGuild()
    const byGroup = new Map([['__proto__', 'report' as const]])
    const edit = ({ policy, roleMap }: Settings) => ({
      policy: { ...policy, unknown_guest: { default: 'strip' as const, byGroup, byState: new Map() } },
      roleMap: { ...roleMap, groups: new Map([['Pilots', ['11']]]) },
    })
    const { after, changed } = await book().changeSettings(guildId, edit, BY)
    expect(changed.toSorted()).toEqual(['policy', 'roleMap'])
    expect(after.policy.unknown_guest).toEqual({ default: 'strip', byGroup, byState: new Map() })
    expect(await book().settings(guildId)).toEqual(after)
  })

  it('is refused whole where it cannot be read back, or its author thinks better of it', async () => {
    const guildId = newGuild()
    const wrong = (policy: Settings['policy']) => ({
      protectedMembers: ['1'],
      policy: { ...policy, role_drift: { ...policy.role_drift, default: 'strip_kick' as 'strip' } },
    })
    await expect(book().changeSettings(guildId, ({ policy }) => wrong(policy), BY)).rejects.toBeInstanceOf(Refusal)
    const thinkBetter = () => {
      throw new Refusal('Not so.')
    }
    await expect(book().changeSettings(guildId, thinkBetter, BY)).rejects.toThrow('Not so.')
    expect((await book().settings(guildId)).protectedMembers).toEqual([])
    expect(await linesOf(database.opened.db, guildId)).toEqual([])
  })

  it('neither arms nor lifts the first-run lock', async () => {
    const guildId = newGuild()
    const armed = { schedule: true, realtime: true }
    await expect(book().changeSettings(guildId, () => ({ armed }), BY)).rejects.toThrow('/arm')
    await expect(book().changeSettings(guildId, () => ({ acknowledged: true }), BY)).rejects.toThrow('first-run lock')
    expect(await book().settings(guildId)).toMatchObject({ acknowledged: false, armed: { realtime: false } })
  })

  it('is refused where a setting would grow without end', async () => {
    const guildId = newGuild()
    const many = Array.from({ length: 12_000 }, (_, nth) => `9000000000000${nth + 10_000}`)
    const grow = book().changeSettings(guildId, () => ({ protectedMembers: many }), BY)
    await expect(grow).rejects.toThrow('protectedMembers would be longer than 250,000 characters')
    expect((await book().settings(guildId)).protectedMembers).toEqual([])
  })
})

withDatabases('arming', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)
  const acknowledged = async (): Promise<string> => {
    const guildId = newGuild()
    const row = { guildId, kind: 'first_run', runId: randomUUID(), actor: 'discord:7', at: AT }
    await database.opened.db.insert(acknowledgements).values(row)
    return guildId
  }
  const schedule = { expression: '0 4 * * *', timeZone: 'Europe/Oslo', action: 'strip' } as const

  it('is refused while the first-run lock holds', async () => {
    const guildId = newGuild()
    await expect(book().setArmed(guildId, { realtime: true }, BY)).rejects.toThrow('/acknowledge first-run')
    expect((await book().settings(guildId)).armed).toEqual({ schedule: false, realtime: false })
    expect(await linesOf(database.opened.db, guildId)).toEqual([])
  })

  it('changes what it names, with a line, once', async () => {
    const guildId = await acknowledged()
    const off = { schedule: false, realtime: false }
    const live = { schedule: false, realtime: true }
    expect(await book().setArmed(guildId, { realtime: true }, BY)).toEqual({ before: off, after: live })
    expect(await book().setArmed(guildId, { realtime: true }, BY)).toEqual({ before: live, after: live })
    expect((await book().settings(guildId)).armed).toEqual(live)
    const lines = await linesOf(database.opened.db, guildId)
    expect(lines).toMatchObject([
      { type: 'setting.changed', subject: 'setting:armed', data: { before: off, after: live } },
    ])
  })

  it('of a schedule asks for one that is set', async () => {
    const guildId = await acknowledged()
    await expect(book().setArmed(guildId, { schedule: true }, BY)).rejects.toThrow('No schedule is set')
    await book().arrange(guildId, { schedule }, BY)
    await book().setArmed(guildId, { schedule: true }, BY)
    expect((await book().settings(guildId)).armed).toEqual({ schedule: true, realtime: false })
  })

  it('is taken away even where another setting cannot be read', async () => {
    const guildId = await acknowledged()
    await book().setArmed(guildId, { realtime: true }, BY)
    await database.opened.db
      .insert(settings)
      .values({ guildId, name: 'of another version', value: 1, at: AT, actor: 'cli:ann' })
    await expect(book().settings(guildId)).rejects.toThrow('not known')
    const { before, after } = await book().setArmed(guildId, { realtime: false }, BY)
    expect([before.realtime, after.realtime]).toEqual([true, false])
  })
})

withDatabases('the override of one member', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)
  const leave: Override = { memberId: '4', action: 'report', expiresAt: AT + 250, reason: 'on leave' }

  it('takes the place of any other of theirs, and leaves everybody else’s alone', async () => {
    const guildId = newGuild()
    await book().setOverride(guildId, leave, BY)
    await book().setOverride(guildId, { ...leave, memberId: '30', expiresAt: null }, BY)
    await book().setOverride(guildId, { ...leave, action: 'strip' }, BY)
    expect((await book().settings(guildId)).overrides).toEqual([
      { ...leave, action: 'strip' },
      { ...leave, memberId: '30', expiresAt: null },
    ])
    const [, , line] = await linesOf(database.opened.db, guildId)
    const expiresAt = '2026-11-22T12:00:00.250Z'
    expect(line).toMatchObject({
      type: 'override.set',
      actor: 'discord:7',
      subject: 'member:4',
      data: { before: { action: 'report', expiresAt }, after: { action: 'strip', expiresAt } },
    })
    expect(JSON.stringify(line)).not.toMatch(/leave|Monday/)
  })

  it('that is set as it was, or lifted where there is none, writes nothing', async () => {
    const guildId = newGuild()
    await book().setOverride(guildId, leave, BY)
    await book().setOverride(guildId, leave, { ...BY, at: AT + 1 })
    expect(await book().liftOverride(guildId, '30', BY)).toBe(false)
    expect(await typesOf(database.opened.db, guildId)).toEqual(['override.set'])
  })

  it('is lifted with a line', async () => {
    const guildId = newGuild()
    await book().setOverride(guildId, leave, BY)
    expect(await book().liftOverride(guildId, '4', BY)).toBe(true)
    expect((await book().settings(guildId)).overrides).toEqual([])
    expect((await linesOf(database.opened.db, guildId))[1]).toMatchObject({
      type: 'override.lifted',
      subject: 'member:4',
      data: { before: { action: 'report' }, after: null },
    })
  })

  it('that cannot be read back is refused', async () => {
    const guildId = newGuild()
    const wrong = { ...leave, action: 'ban' as 'report' }
    await expect(book().setOverride(guildId, wrong, BY)).rejects.toBeInstanceOf(Refusal)
    await expect(book().setOverride(guildId, { ...leave, memberId: 'ann' }, BY)).rejects.toBeInstanceOf(Refusal)
    expect(await linesOf(database.opened.db, guildId)).toEqual([])
  })

  it('is not lost where the settings are changed at the same moment', async () => {
    const guildId = newGuild()
    const members = Array.from({ length: 6 }, (_, nth) => String(nth + 1))
    const edit = ({ overrides }: Settings) => ({ overrides: overrides.filter(({ memberId }) => memberId !== '99') })
    await Promise.all([
      ...members.map((memberId) => book().setOverride(guildId, { ...leave, memberId }, BY)),
      ...members.map(() => book().changeSettings(guildId, edit, BY)),
    ])
    expect((await book().settings(guildId)).overrides.map(({ memberId }) => memberId)).toEqual(members)
  })

  it('is set by many at once one after the other, each with what it replaced', async () => {
    const guildId = newGuild()
    const ends = Array.from({ length: 6 }, (_, nth) => AT + nth)
    await Promise.all(ends.map((expiresAt) => book().setOverride(guildId, { ...leave, expiresAt }, BY)))
    const lines = await linesOf(database.opened.db, guildId)
    const steps = lines.map(({ data }) => data as { before: unknown; after: unknown })
    expect(steps.map(({ before }) => before)).toEqual([null, ...steps.slice(0, -1).map(({ after }) => after)])
    expect(steps).toHaveLength(6)
  })

  it('is refused where there are more than an undo of the largest run would place', async () => {
    const guildId = newGuild()
    await database.opened.sql`
      insert into overrides (guild_id, member_id, action, reason, at, actor)
      select ${guildId}, n::text, 'report', '', now(), 'cli:ann' from generate_series(1, 50000) as n`
    await book().setOverride(guildId, { ...leave, memberId: '4' }, BY)
    const more = book().setOverride(guildId, { ...leave, memberId: '50001' }, BY)
    await expect(more).rejects.toThrow('at most 50,000 overrides')
    // Of those that people set there is room for some beside them.
    const withMore =
      (count: number) =>
      ({ overrides }: Settings) => {
        const added = Array.from({ length: count }, (_, nth) => ({ ...leave, memberId: String(60_001 + nth) }))
        return { overrides: [...overrides.filter(({ memberId }) => Number(memberId) <= 50_000), ...added] }
      }
    await book().changeSettings(guildId, withMore(1), BY)
    const tooMany = book().changeSettings(guildId, withMore(1_001), BY)
    await expect(tooMany).rejects.toThrow('at most 51,000 overrides')
  })

  it('is cleared away a month after it ended, and not before', async () => {
    const guildId = newGuild()
    const month = 30 * 24 * HOUR
    await book().setOverride(guildId, leave, BY)
    await book().setOverride(guildId, { ...leave, memberId: '30', expiresAt: null }, BY)
    const left = async (now: number) => {
      await book().sweep(now)
      return (await book().settings(guildId)).overrides.map(({ memberId }) => memberId)
    }
    expect(await left(AT + 250 + month)).toEqual(['4', '30'])
    expect(await left(AT + 251 + month)).toEqual(['30'])
  })
})
