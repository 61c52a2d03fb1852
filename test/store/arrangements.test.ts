import { expect, it } from 'vitest'
import { arrangements } from '#src/store/schema/standing.ts'
import type { StandingBook } from '#src/store/standing-book.ts'
import { withDatabases } from '../database.ts'
import { AT, HOUR, linesOf, MINUTE, newGuild } from './book.ts'
import { BY, standingBookOf } from './standing-book.ts'

const schedule = { expression: '0 4 * * *', timeZone: 'Europe/Oslo', action: 'strip' } as const

withDatabases('what is arranged with a guild', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)

  it('is nothing at first', async () => {
    expect(await book().arrangements(newGuild())).toEqual({ schedule: null, channelId: null })
  })

  it('is changed part by part, each with a line that says what it was and what it is', async () => {
    const guildId = newGuild()
    await book().arrange(guildId, { channelId: '77' }, BY)
    expect(await book().arrange(guildId, { schedule }, BY)).toEqual({ schedule, channelId: '77' })
    await book().arrange(guildId, { channelId: null }, BY)
    expect(await book().arrangements(guildId)).toEqual({ schedule, channelId: null })
    const lines = await linesOf(database.opened.db, guildId)
    expect(lines).toMatchObject([
      { subject: 'arrangement:channelId', data: { before: null, after: '77' } },
      { subject: 'arrangement:schedule', data: { before: null, after: schedule } },
      { subject: 'arrangement:channelId', data: { before: '77', after: null } },
    ])
    expect(lines[0]).toMatchObject({ type: 'arrangement.changed', actor: 'discord:7', cause: 'interaction:5' })
    expect(JSON.stringify(lines)).not.toContain('Monday')
  })

  it('writes nothing where it is so already', async () => {
    const guildId = newGuild()
    await book().arrange(guildId, { schedule, channelId: null }, BY)
    const same = { action: 'strip', timeZone: 'Europe/Oslo', expression: '0 4 * * *' } as const
    await book().arrange(guildId, { schedule: same, channelId: null }, BY)
    expect(await linesOf(database.opened.db, guildId)).toHaveLength(1)
  })

  it('shows nothing of what another version arranged', async () => {
    const guildId = newGuild()
    const other = { guildId, name: 'weather', value: 'fair', at: AT, actor: 'cli:ann' }
    await database.opened.db.insert(arrangements).values(other)
    expect(await book().arrangements(guildId)).toEqual({ schedule: null, channelId: null })
  })

  it('goes both ways round in one order where two arrange at once', async () => {
    const guildId = newGuild()
    const channels = ['71', '72', '73', '74', '75', '76']
    await Promise.all(channels.map((channelId) => book().arrange(guildId, { channelId }, BY)))
    const lines = await linesOf(database.opened.db, guildId)
    const steps = lines.map(({ data }) => data as { before: string | null; after: string })
    expect(steps.map(({ before }) => before)).toEqual([null, ...steps.slice(0, -1).map(({ after }) => after)])
    expect((await book().arrangements(guildId)).channelId).toBe(steps.at(-1)?.after)
  })
})

withDatabases('the next look by schedule', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)
  const slot = { expression: '0 4 * * *', nextAt: AT + HOUR }

  it('is kept for each guild, the soonest first', async () => {
    const [late, soon] = [newGuild(), newGuild()]
    expect(await book().slot(late)).toBeNull()
    await book().setSlot(late, slot)
    await book().setSlot(soon, { ...slot, nextAt: AT + MINUTE })
    expect(await book().slot(late)).toEqual({ guildId: late, ...slot, lastStartedAt: null })
    const order = (await book().slots()).map(({ guildId }) => guildId).filter((id) => id === late || id === soon)
    expect(order).toEqual([soon, late])
  })

  it('is started by one, however many find it due at once', async () => {
    const guildId = newGuild()
    await book().setSlot(guildId, slot)
    const to = { nextAt: AT + 25 * HOUR, startedAt: AT + HOUR + 1 }
    const started = await Promise.all(Array.from({ length: 8 }, () => book().startSlot(guildId, slot.nextAt, to)))
    expect(started.filter(Boolean)).toHaveLength(1)
    expect(await book().slot(guildId)).toMatchObject({ nextAt: AT + 25 * HOUR, lastStartedAt: AT + HOUR + 1 })
  })

  it('is not started where it was set anew in between, or taken away', async () => {
    const guildId = newGuild()
    const to = { nextAt: AT + 25 * HOUR, startedAt: AT + HOUR }
    await book().setSlot(guildId, slot)
    await book().setSlot(guildId, { expression: '0 5 * * *', nextAt: AT + 2 * HOUR })
    expect(await book().startSlot(guildId, slot.nextAt, to)).toBe(false)
    await book().clearSlot(guildId)
    expect(await book().startSlot(guildId, AT + 2 * HOUR, to)).toBe(false)
    expect(await book().slot(guildId)).toBeNull()
  })

  it('remembers when the last one began where the expression is another', async () => {
    const guildId = newGuild()
    await book().setSlot(guildId, slot)
    await book().startSlot(guildId, slot.nextAt, { nextAt: AT + 25 * HOUR, startedAt: AT + HOUR })
    await book().setSlot(guildId, { expression: '0 5 * * *', nextAt: AT + 2 * HOUR })
    expect(await book().slot(guildId)).toMatchObject({ expression: '0 5 * * *', lastStartedAt: AT + HOUR })
  })
})
