import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { EVERYTHING } from '#src/core/run.ts'
import type { Book } from '#src/store/book.ts'
import { trailTexts } from '#src/store/schema/trail.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, linesOf, newGuild, newId, typesOf } from './book.ts'

const BY = { actor: 'cli:ann', reason: 'as agreed on Monday', at: AT } as const

withDatabases('the settings of a guild', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const save = (guildId: string, wanted: Readonly<Record<string, unknown>>) => book().saveSettings(guildId, wanted, BY)

  it('are the safe ones where nothing was set', async () => {
    const settings = await book().settings(newGuild())
    expect(settings).toMatchObject({ acknowledged: false, armed: { schedule: false, realtime: false }, overrides: [] })
    expect(settings.policy.unknown_guest.default).toBe('report')
  })

  it('keep what is set, each with a line that says what it was and what it is', async () => {
    const guildId = newGuild()
    const changed = await save(guildId, { protectedMembers: ['42'], policy: { unknown_guest: 'strip' } })
    expect(changed.toSorted()).toEqual(['policy', 'protectedMembers'])
    const settings = await book().settings(guildId)
    expect(settings.protectedMembers).toEqual(['42'])
    expect(settings.policy.unknown_guest.default).toBe('strip')
    const lines = await linesOf(database.opened.db, guildId)
    const members = lines.find(({ subject }) => subject === 'setting:protectedMembers')
    expect(members).toMatchObject({ type: 'setting.changed', actor: 'cli:ann', data: { before: [], after: ['42'] } })
    expect(lines).toHaveLength(2)
    expect(JSON.stringify(lines)).not.toContain('Monday')
  })

  it('write no line for what is set to what it was', async () => {
    const guildId = newGuild()
    const wanted = { policy: { role_drift: { default: 'strip', by_group: { Zulu: 'report', Ab: 'strip' } } } }
    await save(guildId, wanted)
    expect(await save(guildId, wanted)).toEqual([])
    expect(await save(guildId, { protectedMembers: [] })).toEqual([])
    expect(await typesOf(database.opened.db, guildId)).toEqual(['setting.changed'])
  })

  it('refuse what is wrong, and keep nothing of it', async () => {
    const guildId = newGuild()
    const wrong = save(guildId, { protectedMembers: ['42'], policy: { role_drift: 'strip_kick' } })
    await expect(wrong).rejects.toMatchObject({ name: 'Refusal' })
    await expect(save(guildId, { acknowledged: true })).rejects.toThrow('first-run lock is not a setting')
    await expect(save(guildId, { nonsense: 1 })).rejects.toMatchObject({ name: 'Refusal' })
    expect((await book().settings(guildId)).protectedMembers).toEqual([])
    expect(await linesOf(database.opened.db, guildId)).toEqual([])
  })

  it('keep overrides one a member, and their reasons out of the lines', async () => {
    const guildId = newGuild()
    const leave = { memberId: '4', action: 'report', expiresAt: null, reason: 'on leave' }
    const trial = { memberId: '30', action: 'strip', expiresAt: '2026-12-01T00:00:00.250Z', reason: 'on trial' }
    await save(guildId, { overrides: [trial, leave] })
    expect((await book().settings(guildId)).overrides).toEqual([
      leave,
      { ...trial, expiresAt: Date.parse(trial.expiresAt) },
    ])
    await save(guildId, { overrides: [{ ...trial, action: 'report' }] })
    expect((await book().settings(guildId)).overrides).toMatchObject([{ memberId: '30', action: 'report' }])
    const lines = await linesOf(database.opened.db, guildId)
    expect(lines.map(({ type, subject }) => `${type} ${subject}`).toSorted()).toEqual([
      'override.lifted member:4',
      'override.set member:30',
      'override.set member:30',
      'override.set member:4',
    ])
    expect(JSON.stringify(lines)).not.toMatch(/leave|trial/)
    const kept = await database.opened.db.select().from(trailTexts).where(eq(trailTexts.guildId, guildId))
    const ofLeave = kept.filter(({ text }) => text === 'on leave').map(({ name }) => name)
    expect(ofLeave.toSorted()).toEqual(['override', 'overrideBefore'])
  })

  it('lose nothing where two people set different things at once', async () => {
    const guildId = newGuild()
    await Promise.all([save(guildId, { protectedMembers: ['1'] }), save(guildId, { protectedRoles: ['2'] })])
    expect(await book().settings(guildId)).toMatchObject({ protectedMembers: ['1'], protectedRoles: ['2'] })
  })

  it('show the first-run lock lifted from the acknowledgement on, which is written once', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    const { run } = await book().openRun({
      id: newId(),
      guildId,
      purpose: 'audit',
      cause: null,
      only: EVERYTHING,
      deadlineAt: null,
      trigger: 'slash',
      action: 'report',
      actor: 'discord:7',
      mayDestroy: true,
      reason: null,
      idempotencyKey: randomUUID(),
      at: AT,
    })
    expect(await book().acknowledgement(guildId)).toBeNull()
    await book().acknowledge(guildId, run, {
      actor: 'discord:7',
      cause: 'interaction:5',
      reason: 'read it',
      at: AT + 1,
    })
    await book().acknowledge(guildId, run, { actor: 'discord:8', cause: 'interaction:6', reason: null, at: AT + 2 })
    expect(await book().acknowledgement(guildId)).toEqual({ by: 'discord:7', at: AT + 1, run: run.id })
    expect((await book().settings(guildId)).acknowledged).toBe(true)
    expect((await book().settings(other)).acknowledged).toBe(false)
    expect((await linesOf(database.opened.db, guildId)).slice(1)).toMatchObject([
      { type: 'first_run.acknowledged', actor: 'discord:7', cause: 'interaction:5', run: run.id },
    ])
  })

  it('begin with the guild itself: it is remembered once, and renamed with a line', async () => {
    const guildId = newGuild()
    await book().rememberGuild(guildId, 'Example', AT)
    await book().rememberGuild(guildId, 'Example', AT + 1)
    await book().rememberGuild(guildId, 'Renamed', AT + 2)
    const lines = await linesOf(database.opened.db, guildId)
    expect(lines.map(({ type }) => type)).toEqual(['guild.remembered', 'guild.renamed'])
    expect(JSON.stringify(lines)).not.toMatch(/Example|Renamed/)
    const texts = await database.opened.db.select().from(trailTexts).where(eq(trailTexts.guildId, guildId))
    const named = texts.map(({ lineId, name, text }) => [lineId === lines[0]?.id ? 'first' : 'second', name, text])
    expect(named.toSorted()).toEqual([
      ['first', 'name', 'Example'],
      ['second', 'after', 'Renamed'],
      ['second', 'before', 'Example'],
    ])
  })
})
