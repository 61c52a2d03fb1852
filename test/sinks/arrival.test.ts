import { expect, it } from 'vitest'
import { SinkGone } from '#src/sinks/sink.ts'
import { withDatabases } from '../database.ts'
import { newGuild } from '../store/book.ts'
import { Listener, TAKEN } from './listener.ts'
import { endOf, everything, relaying, until, write } from './relaying.ts'

// Whoever must know that what was written has arrived before going on (SINK_MODE=sync).

withDatabases('the wait for an arrival', (database) => {
  const db = () => database.opened.db
  const waiting = async (sinks: readonly Listener[], awaited = sinks) => {
    const guildId = newGuild()
    const { relays, clock } = await relaying(db(), sinks.map(everything))
    await write(db(), guildId, 3)
    let missing: readonly string[] | null = null
    const names = new Set(awaited.map(({ name }) => name))
    void relays.arrival(guildId, names, 10_000).then((names) => {
      missing = names
    })
    const answered = () => missing !== null
    return { guildId, clock, answered, missing: () => missing, relays }
  }

  it('ends when every sink has taken or parked all that there was', async () => {
    const [one, other] = [new Listener(), new Listener()]
    other.answer = (events) => ({ refused: events.map(({ id }) => ({ id, reason: 'no' })) })
    const { guildId, clock, answered, missing } = await waiting([one, other])
    await until(clock, answered, 1)
    expect(missing()).toEqual([])
    expect(one.given(guildId).flat()).toEqual([1, 2, 3])
    expect(other.given(guildId).flat()).toEqual([1, 2, 3])
  })

  it('goes on without a sink that hangs once its time is up, and names it', async () => {
    const [sound, hanging] = [new Listener(), new Listener()]
    hanging.answer = () => new Promise(() => {})
    const { clock, answered, missing } = await waiting([sound, hanging])
    const began = clock.now()
    await until(clock, answered, 500)
    expect(clock.now() - began).toBeGreaterThanOrEqual(10_000)
    expect(clock.now() - began).toBeLessThan(20_000)
    expect(missing()).toEqual([hanging.name])
  })

  it('does not wait for a sink that is switched off, nor for one that nobody relies on', async () => {
    const [off, summary] = [new Listener(), new Listener()]
    off.answer = () => {
      throw new SinkGone('gone')
    }
    summary.answer = () => new Promise(() => {})
    const { clock, answered, missing } = await waiting([off, summary], [off])
    const began = clock.now()
    await until(clock, answered, 10)
    expect(missing()).toEqual([])
    expect(clock.now() - began).toBeLessThan(10_000)
  })

  it('ends with the relays', async () => {
    const sink = new Listener()
    sink.answer = () => new Promise(() => {})
    const { clock, answered, missing, relays } = await waiting([sink])
    await until(clock, () => sink.calls.length > 0, 10)
    await endOf(relays, clock)
    await until(clock, answered, 1)
    expect(missing()).toEqual([sink.name])
    sink.answer = () => TAKEN
  })
})
