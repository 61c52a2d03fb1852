import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { findCursors } from '#src/sinks/cursors.ts'
import { SinkGone, SinkTrouble } from '#src/sinks/sink.ts'
import { parkedLines, sinkStates } from '#src/store/schema/sinks.ts'
import { withDatabases } from '../database.ts'
import { newGuild } from '../store/book.ts'
import { Listener, TAKEN } from './listener.ts'
import { endOf, everything, relaying, until, write } from './relaying.ts'

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, nth) => from + nth)

withDatabases('the relay', (database) => {
  const db = () => database.opened.db
  const cursor = async (sink: Listener, guildId: string) => (await findCursors(db(), sink.name)).get(guildId) ?? 0
  const parked = (sink: Listener) => db().select().from(parkedLines).where(eq(parkedLines.sink, sink.name))

  it('gives a sink every line of each chain once, in order, in calls that are not too large', async () => {
    const [a, b] = [newGuild(), newGuild()]
    const sink = new Listener()
    const { clock } = await relaying(db(), [everything(sink)])
    await write(db(), a, 1_200)
    await write(db(), b, 3)
    await until(clock, async () => (await cursor(sink, a)) === 1_200 && (await cursor(sink, b)) === 3)
    expect(sink.given(a).flat()).toEqual(numbers(1, 1_200))
    expect(sink.given(b).flat()).toEqual([1, 2, 3])
    expect(Math.max(...sink.calls.map(({ length }) => length))).toBe(500)
    expect(sink.calls.every((events) => new Set(events.map(({ source }) => source)).size === 1)).toBe(true)
  })

  it('begins a new sink with what comes after it was first seen, and chains that begin later with their first line', async () => {
    const [old, young] = [newGuild(), newGuild()]
    const sink = new Listener()
    await write(db(), old, 5)
    const first = await relaying(db(), [everything(sink)])
    await first.relays.end()
    await write(db(), old, 2)
    await write(db(), young, 2)
    const { clock } = await relaying(db(), [everything(sink)])
    await until(clock, () => sink.given(old).length > 0 && sink.given(young).length > 0)
    expect(sink.given(old).flat()).toEqual([6, 7])
    expect(sink.given(young).flat()).toEqual([1, 2])
  })

  it('begins at the first line of all where the operator says so', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    await write(db(), guildId, 5)
    const { clock } = await relaying(db(), [everything(sink)], { from: 'start' })
    await until(clock, () => sink.given(guildId).length > 0)
    expect(sink.given(guildId).flat()).toEqual(numbers(1, 5))
  })

  it('tries again after trouble with what it could not deliver, with longer and longer pauses, and loses nothing', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    const tried: number[] = []
    const { clock, said } = await relaying(db(), [everything(sink)])
    sink.answer = (events) => {
      if (!events[0]!.source.endsWith(guildId)) return TAKEN
      tried.push(clock.now())
      if (tried.length <= 10) throw new SinkTrouble('the other side is being mended')
      return TAKEN
    }
    await write(db(), guildId, 4)
    await until(clock, async () => (await cursor(sink, guildId)) === 4, 1_000)
    const pauses = tried.slice(1).map((at, nth) => at - tried[nth]!)
    for (const [nth, wanted] of [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 60_000, 60_000].entries()) {
      expect(pauses[nth], `pause ${nth}`).toBeGreaterThanOrEqual(wanted)
      expect(pauses[nth], `pause ${nth}`).toBeLessThan(wanted + 4_000)
    }
    expect(new Set(sink.given(guildId).flat())).toEqual(new Set([1, 2, 3, 4]))
    expect(said.filter((line) => line.includes('It is tried again'))).toHaveLength(1)
    expect(said.filter((line) => line.includes('tried again every minute'))).toHaveLength(1)
  })

  it('waits as long as the other side asks, within bounds', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    const tried: number[] = []
    const asks = [70_000, 10 * 3_600_000, Number.NaN, -5]
    const { clock } = await relaying(db(), [everything(sink)])
    sink.answer = (events) => {
      if (!events[0]!.source.endsWith(guildId)) return TAKEN
      tried.push(clock.now())
      const ask = asks[tried.length - 1]
      if (ask !== undefined) throw new SinkTrouble('too many requests', ask)
      return TAKEN
    }
    await write(db(), guildId, 1)
    await until(clock, async () => (await cursor(sink, guildId)) === 1, 10_000)
    const pauses = tried.slice(1).map((at, nth) => at - tried[nth]!)
    for (const [nth, wanted] of [70_000, 900_000, 1_000, 2_000].entries()) {
      expect(pauses[nth], `pause ${nth}`).toBeGreaterThanOrEqual(wanted)
      expect(pauses[nth], `pause ${nth}`).toBeLessThan(wanted + 40_000)
    }
  })

  it('parks what a sink refuses for good, with the reason, and goes on', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    sink.answer = (events) => ({
      refused: events
        .filter(({ sequence }) => Number(sequence) % 3 === 0)
        .map(({ id }) => ({ id, reason: 'too large: s3cret' })),
    })
    const { clock } = await relaying(db(), [everything(sink)])
    await write(db(), guildId, 7)
    await until(clock, async () => (await cursor(sink, guildId)) === 7)
    const rows = (await parked(sink)).filter((row) => row.guildId === guildId)
    expect(rows.map(({ seq, reason }) => [seq, reason])).toEqual([
      [3, 'too large: [hidden]'],
      [6, 'too large: [hidden]'],
    ])
    expect(sink.given(guildId)).toEqual([[1, 2, 3, 4, 5, 6, 7]])
  })

  it('switches a sink off that wants no more, durably', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    sink.answer = () => {
      throw new SinkGone('it is gone (410)')
    }
    const { clock, relays } = await relaying(db(), [everything(sink)])
    await write(db(), guildId, 2)
    await until(clock, () => sink.calls.length > 0)
    await clock.pass(10)
    await relays.end()
    sink.answer = () => TAKEN
    const { clock: later } = await relaying(db(), [everything(sink)])
    for (let nth = 0; nth < 20; nth++) await later.pass(1_000)
    expect(sink.calls).toHaveLength(1)
    expect(await cursor(sink, guildId)).toBe(0)
    const [state] = await db().select().from(sinkStates).where(eq(sinkStates.sink, sink.name))
    expect(state).toMatchObject({ offWhy: 'it is gone (410)' })
  })

  it('narrows down to the one line at which a sink fails for ever, and delivers all before it', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    sink.answer = (events) => {
      if (events.some(({ sequence, source }) => source.endsWith(guildId) && Number(sequence) === 70))
        throw new Error('a bug')
      return TAKEN
    }
    const { clock } = await relaying(db(), [everything(sink)])
    await write(db(), guildId, 100)
    await until(clock, async () => (await cursor(sink, guildId)) === 69, 2_000)
    for (let nth = 0; nth < 20; nth++) await clock.pass(60_000)
    expect(await cursor(sink, guildId)).toBe(69)
  })

  it('stays in trouble for as long as one chain is stuck, and is well when none is', async () => {
    const [stuck, well] = [newGuild(), newGuild()]
    const sink = new Listener()
    sink.answer = (events) => (events[0]!.source.endsWith(`/${stuck}`) ? Promise.reject(new Error('no')) : TAKEN)
    const { clock } = await relaying(db(), [everything(sink)])
    const troubled = async () =>
      (await db().select().from(sinkStates).where(eq(sinkStates.sink, sink.name)))[0]!.trouble !== null
    await write(db(), stuck, 1)
    await until(clock, troubled)
    await write(db(), well, 1)
    await until(clock, async () => (await cursor(sink, well)) === 1)
    expect(await troubled()).toBe(true)
    sink.answer = () => TAKEN
    await until(clock, async () => !(await troubled()), 1_000)
    expect(await cursor(sink, stuck)).toBe(1)
  })

  it('ends although a sink does not', async () => {
    const [hanging, throwing] = [new Listener(), new Listener()]
    Object.assign(hanging, { close: () => new Promise(() => {}) })
    Object.assign(throwing, { close: () => Promise.reject(new Error('no')) })
    const { clock, relays, said } = await relaying(db(), [everything(hanging), everything(throwing)])
    await endOf(relays, clock)
    expect(said).toContain('A sink failed when it was closed.')
  })

  it.each([
    ['never settles', () => new Promise<never>(() => {})],
    ['throws', () => Promise.reject(new Error('no'))],
    ['throws no error', () => Promise.reject(null)],
    ['answers nothing', async () => undefined as never],
    ['answers something else', async () => ({ refused: [{ id: 7 }] }) as never],
    ['refuses what it was not given', async () => ({ refused: [{ id: crypto.randomUUID(), reason: 'no' }] })],
  ])('holds up nobody else where a sink %s, and takes nothing of that call for delivered', async (_, answer) => {
    const guildId = newGuild()
    const [bad, sound] = [new Listener(), new Listener()]
    bad.answer = answer
    const { clock } = await relaying(db(), [everything(bad), everything(sound)])
    await write(db(), guildId, 3)
    await until(clock, async () => (await cursor(sound, guildId)) === 3)
    for (let nth = 0; nth < 20; nth++) await until(clock, () => true, 60_000)
    expect(await cursor(bad, guildId)).toBe(0)
    const [state] = await db().select().from(sinkStates).where(eq(sinkStates.sink, bad.name))
    expect(state!.trouble).not.toBe(null)
    expect(await parked(bad)).toEqual([])
  })

  it('gives a sink only the lines that are its own, and moves on past the others', async () => {
    const [a, b] = [newGuild(), newGuild()]
    const sink = new Listener()
    const filter = { only: ['action.*', 'setting.changed'], not: ['action.begun'], guilds: [a] }
    const { clock } = await relaying(db(), [{ sink, filter }])
    for (const type of ['role.given', 'action.settled', 'setting.changed', 'action.begun', 'role.given'])
      await write(db(), a, 1, { type })
    await write(db(), b, 2, { type: 'action.settled' })
    await until(clock, async () => (await cursor(sink, a)) === 5 && (await cursor(sink, b)) === 2)
    expect(sink.calls.flat().map(({ type }) => type)).toEqual([
      'app.rolecall.action.settled.v1',
      'app.rolecall.setting.changed.v1',
    ])
  })

  it('delivers nothing more once another bot may act', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    const { clock } = await relaying(db(), [everything(sink)], { mayAct: () => false })
    await write(db(), guildId, 3)
    for (let nth = 0; nth < 20; nth++) await until(clock, () => true, 1_000)
    expect(sink.calls).toEqual([])
  })

  it('is quick where it is told that something was written', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    const { clock, relays } = await relaying(db(), [everything(sink)])
    await until(clock, () => true, 1)
    await write(db(), guildId, 1)
    relays.stir()
    const before = clock.now()
    await until(clock, () => sink.given(guildId).length > 0, 1)
    expect(clock.now() - before).toBeLessThan(1_000)
  })
})
