import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { findCursors } from '#src/sinks/cursors.ts'
import { SinkGone } from '#src/sinks/sink.ts'
import { parkedLines } from '#src/store/schema/sinks.ts'
import { dropParked, dropWaiting, retrySink } from '#src/store/sink-orders.ts'
import { withDatabases } from '../database.ts'
import { AT, append, newGuild } from '../store/book.ts'
import { Listener, TAKEN } from './listener.ts'
import { everything, relaying, until, write } from './relaying.ts'

// What an operator decides about a sink while the bot runs.

withDatabases('a sink that somebody mends', (database) => {
  const db = () => database.opened.db
  const ledger = () => ({ db: db(), append })
  const BY = { actor: 'cli:ann', reason: null, at: AT } as const
  const all = (sink: Listener) => ({ sink: sink.name, chain: null, seq: null })
  const parked = (sink: Listener) => db().select().from(parkedLines).where(eq(parkedLines.sink, sink.name))
  const cursor = async (sink: Listener, guildId: string) => (await findCursors(db(), sink.name)).get(guildId) ?? 0

  it('gets what it missed while it was off, once it is tried again', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    sink.answer = () => {
      throw new SinkGone('gone')
    }
    const { clock } = await relaying(db(), [everything(sink)])
    await write(db(), guildId, 3)
    await until(clock, () => sink.calls.length > 0)
    sink.answer = () => TAKEN
    expect(await retrySink(ledger(), all(sink), BY)).toEqual({ wasOff: true, parked: 0 })
    await until(clock, async () => (await cursor(sink, guildId)) === 3)
    expect(sink.given(guildId).at(-1)).toEqual([1, 2, 3])
  })

  it('is tried again at once, however long it was to be left in peace', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    sink.answer = () => Promise.reject(new Error('no'))
    const { clock } = await relaying(db(), [everything(sink)], { random: () => 1 })
    await write(db(), guildId, 1)
    for (let nth = 0; nth < 40; nth++) await until(clock, () => true, 30_000)
    sink.answer = () => TAKEN
    await retrySink(ledger(), all(sink), BY)
    const before = clock.now()
    await until(clock, async () => (await cursor(sink, guildId)) === 1)
    expect(clock.now() - before).toBeLessThan(5_000)
  })

  it('gets parked lines again where somebody wants that; what it refuses again is parked with the new reason', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    sink.answer = (events) => ({ refused: events.map(({ id }) => ({ id, reason: 'too large' })) })
    const { clock } = await relaying(db(), [everything(sink)])
    await write(db(), guildId, 4)
    await until(clock, async () => (await parked(sink)).length >= 4)
    sink.answer = (events) => ({
      refused: events
        .filter(({ sequence }) => Number(sequence) > 2)
        .map(({ id }) => ({ id, reason: 'still too large' })),
    })
    await retrySink(ledger(), { ...all(sink), chain: guildId }, BY)
    const own = async () => (await parked(sink)).filter((row) => row.guildId === guildId && row.seq <= 4)
    await until(clock, async () =>
      (await own()).every(({ wantedAt, reason }) => wantedAt === null && reason !== 'too large'),
    )
    expect((await own()).map(({ seq, reason }) => [seq, reason])).toEqual([
      [3, 'still too large'],
      [4, 'still too large'],
    ])
  })

  it('never gets what was given up, and goes on behind it', async () => {
    const guildId = newGuild()
    const sink = new Listener()
    sink.answer = () => Promise.reject(new Error('no'))
    const { clock } = await relaying(db(), [everything(sink)])
    await write(db(), guildId, 5)
    await until(clock, () => sink.calls.length > 0)
    expect(await dropWaiting(ledger(), { ...all(sink), chain: guildId }, BY)).toBe(5)
    await until(clock, () => sink.given(guildId).at(-1)?.[0] === 6)
    sink.answer = () => TAKEN
    await until(clock, async () => (await cursor(sink, guildId)) === 6)
    await until(clock, () => sink.given(guildId).flat().includes(6))
    expect(await dropParked(ledger(), all(sink), BY)).toBe(0)
  })
})
