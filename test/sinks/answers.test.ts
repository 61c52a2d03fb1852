import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { SinkFilter } from '#src/core/sink-plan.ts'
import { findCursors } from '#src/sinks/cursors.ts'
import { OtlpSink } from '#src/sinks/otlp.ts'
import type { Sink } from '#src/sinks/sink.ts'
import { WebhookSink } from '#src/sinks/webhook.ts'
import { type Database, openDatabase } from '#src/store/database.ts'
import { parkedLines, sinkStates } from '#src/store/schema/sinks.ts'
import { anyPlace } from '../database.ts'
import { newGuild } from '../store/book.ts'
import { type AnswerTo, half, hangs, hangsUp, openCollector, rejects, says, surroundings, taken } from './collector.ts'
import { relaying, until, write } from './relaying.ts'

// A server's lines on their whole way to somebody who answers over HTTP: what became of them is in the database, and what arrived is there.

/** With whoever answers nothing. Others may take their time on a busy machine, and are asked once. */
const SOON_MS = 150
const PATIENCE_MS = 10_000
const LINES = 4

const kinds: Readonly<Record<string, (name: string, url: string, filter: SinkFilter, patienceMs: number) => Sink>> = {
  collector: (name, url, filter, patienceMs) =>
    new OtlpSink({ kind: 'otlp', name, url, headers: {}, filter }, surroundings, patienceMs),
  receiver: (name, url, filter, patienceMs) =>
    new WebhookSink(
      { kind: 'webhook', name, url, filter, keys: [Buffer.alloc(32)], allowPrivate: true },
      surroundings,
      { patienceMs },
    ),
}

const redirect = says(308, { location: '/elsewhere' })
const passing: readonly (readonly [string, AnswerTo])[] = [
  ['429 with Retry-After', says(429, { 'retry-after': '7' })],
  ['503', says(503)],
  ['nothing', hangs],
  ['a redirect', redirect],
  ['the end of the connection', hangsUp],
]

describe('lines of the record on their way', () => {
  let database: Database
  let dropped: () => Promise<void>
  const db = () => database.db
  beforeAll(async () => {
    const { place, drop } = await anyPlace()
    dropped = drop
    database = await openDatabase({ ...place, log: () => {} })
  })
  afterAll(async () => {
    await database?.close()
    await dropped?.()
  })

  /** Four lines are written; resolves once the sink has all behind it, or wants no more. */
  async function carried(kind: keyof typeof kinds, ...answers: readonly AnswerTo[]) {
    const collector = await openCollector()
    const guildId = newGuild()
    const name = `${kind}-${guildId}`
    const filter = { only: null, not: [], guilds: [guildId] }
    const sink = kinds[kind]!(name, collector.url, filter, answers.includes(hangs) ? SOON_MS : PATIENCE_MS)
    onTestFinished(() => collector.close())
    collector.answer(...answers)
    await write(db(), guildId, LINES)
    const { clock } = await relaying(db(), [{ sink, filter }], { from: 'start' })
    const reached = async () => (await findCursors(db(), name)).get(guildId) ?? 0
    const state = async () => (await db().select().from(sinkStates).where(eq(sinkStates.sink, name)))[0]!
    await until(clock, async () => (await reached()) >= LINES || (await state()).offSince !== null, 1_000)
    const parked = await db().select().from(parkedLines).where(eq(parkedLines.sink, name)).orderBy(parkedLines.seq)
    return { got: collector.got, reached: await reached(), state: await state(), parked }
  }

  describe.each(Object.keys(kinds))('to a %s', (kind) => {
    it.each(passing)('that answers %s at first arrive all the same', async (_, answer) => {
      const { got, parked, reached } = await carried(kind, answer, answer, taken)
      expect({ parked, reached }).toEqual({ parked: [], reached: LINES })
      const arrived = got
        .slice(2)
        .map(({ body }) => body)
        .join('\n')
      for (const number of ['1', '2', '3', '4']) expect(arrived).toContain(number.padStart(20, '0'))
    })

    it.each([400, 401, 404, 413])('that answers %i are parked, with what to do', async (status) => {
      const { parked, reached } = await carried(kind, says(status))
      expect(reached).toBe(LINES)
      expect(parked.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
      for (const { reason } of parked) expect(reason).toContain(`(${status})`)
    })

    it('that answers 410 wait, and nothing is lost', async () => {
      const { got, parked, reached, state } = await carried(kind, says(410))
      expect({ parked, reached, asked: got.length }).toEqual({ parked: [], reached: 0, asked: 1 })
      expect(state.offWhy).toContain('(410)')
    })
  })

  it('to a collector that answers half arrive all the same', async () => {
    const { got, parked, reached } = await carried('collector', half(), taken)
    expect({ parked, reached, asked: got.length > 1 }).toEqual({ parked: [], reached: LINES, asked: true })
  })

  it('to a collector that rejects some are parked and not sent again', async () => {
    const { got, parked, reached } = await carried('collector', rejects(1, 'too old'))
    expect(reached).toBe(LINES)
    expect(parked.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect(parked[0]?.reason).toMatch(/rejects 1 of 4 events .* does not say which.*: too old/)
    expect(got).toHaveLength(1)
  })
})
