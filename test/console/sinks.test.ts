import { afterEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '#src/store/database.ts'
import { parkedLines, sinkCursors, sinkStates } from '#src/store/schema/sinks.ts'
import { INSTALLATION } from '#src/store/schema/trail.ts'
import { anyPlace } from '../database.ts'
import { write } from '../sinks/relaying.ts'
import { AT, linesOf } from '../store/book.ts'
import { Typed } from './counter.ts'

// `rolecall sinks …`, as it is typed, by whoever has the database alone.

const GUILD = '81384788765712384'
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

interface Place {
  readonly environment: Readonly<Record<string, string>>
  /** Opens the database for a look, and closes it again: the embedded engine is one process's. */
  look<T>(work: (database: Database) => Promise<T>): Promise<T>
}

async function type({ environment }: Place, ...words: readonly string[]) {
  const typed = new Typed(['sinks', ...words], { ROLECALL_ACTOR: 'ann', ...environment })
  return { code: await typed.ended, said: oneLine(typed.out + typed.err) }
}

async function furnished(): Promise<Place> {
  const { place, drop } = await anyPlace()
  undo.push(drop)
  const look: Place['look'] = async (work) => {
    const database = await openDatabase({ ...place, log: () => {} })
    return await work(database).finally(() => database.close())
  }
  return { environment: place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }, look }
}

/** One sink that is up to date, and one that is off, two lines behind, and refused three. */
async function stuck(): Promise<Place> {
  const place = await furnished()
  await place.look(async ({ db }) => {
    await write(db, GUILD, 5)
    await write(db, null, 1)
    const state = { guildId: INSTALLATION, since: AT }
    const off = { offSince: AT, offWhy: 'it is gone (410)', trouble: 'no \u001b[2Jroute', troubledSince: AT }
    await db.insert(sinkStates).values([
      { ...state, sink: 'file' },
      { ...state, sink: 'webhook', ...off },
    ])
    const cursor = (sink: string, guildId: string, seq: number) => ({ sink, guildId, seq, deliveredAt: AT })
    await db
      .insert(sinkCursors)
      .values([
        cursor('file', GUILD, 5),
        cursor('file', INSTALLATION, 1),
        cursor('webhook', GUILD, 3),
        cursor('webhook', INSTALLATION, 1),
      ])
    const parked = (guildId: string, seq: number) => ({
      sink: 'webhook',
      guildId,
      seq,
      lineId: crypto.randomUUID(),
      reason: `too large (${seq})`,
      at: AT,
    })
    await db.insert(parkedLines).values([parked(GUILD, 1), parked(GUILD, 2), parked(INSTALLATION, 1)])
  })
  return place
}

const parkedNumbers = (place: Place, wanted = false) =>
  place.look(async ({ db }) =>
    (await db.select().from(parkedLines))
      .filter(({ wantedAt }) => !wanted || wantedAt !== null)
      .map(({ guildId, seq }) => `${guildId}:${seq}`)
      .sort(),
  )

const lastLine = (place: Place, chain: string) => place.look(async ({ db }) => (await linesOf(db, chain)).at(-1)!)

test('status says that there is no sink yet, and how to set one', async () => {
  const place = await furnished()
  expect(await type(place, 'status')).toMatchObject({
    code: 0,
    said: expect.stringContaining('docs/events.md says how'),
  })
})

test('status says of each sink how far it is, why it is off, and what it refused', async () => {
  const place = await stuck()
  const { code, said } = await type(place, 'status')
  expect(code).toBe(0)
  expect(said).toContain('file: up to date; last taken')
  expect(said).toContain('webhook: 2 lines behind')
  expect(said).toMatch(/Switched off .* ago: it is gone \(410\)/)
  expect(said).toContain('[2Jroute')
  expect(said).not.toContain('\u001b')
  expect(said).toContain('Refused for good, and parked: 3 lines')
  expect(said).toMatch(new RegExp(`Line 2 of server ${GUILD}, .* ago: too large \\(2\\)`))
  expect(said).toContain('Line 1 of the whole installation')
  expect((await type(place, 'status', '--guild', GUILD)).said).toContain('parked: 2 lines')
})

test('retry switches a sink on and has what it refused tried again, and the record says who wanted it', async () => {
  const place = await stuck()
  const { code, said } = await type(place, 'retry', 'webhook', '--guild', GUILD, '--line', '2')
  expect(code, said).toBe(0)
  expect(said).toContain('It was switched off and is on again. So is 1 parked line.')
  expect(await parkedNumbers(place, true)).toEqual([`${GUILD}:2`])
  expect(await lastLine(place, GUILD)).toMatchObject({
    type: 'sink.retried',
    actor: 'cli:ann',
    subject: 'sink:webhook',
    data: { wasOff: true, parked: 1 },
  })
  expect((await type(place, 'status')).said).not.toContain('Switched off')
  await type(place, 'retry', 'webhook', '--reason', 'mended')
  expect(await parkedNumbers(place, true)).toHaveLength(3)
  expect(await lastLine(place, INSTALLATION)).toMatchObject({
    type: 'sink.retried',
    data: { wasOff: false, parked: 2, texts: { reason: expect.any(String) } },
  })
})

test('drop shows first what it is about; with --yes it is given up, and the record says what', async () => {
  const place = await stuck()
  const shown = await type(place, 'drop', 'webhook')
  expect(shown).toMatchObject({
    code: 0,
    said: expect.stringContaining('Nothing was written. With --yes webhook never gets 3 lines'),
  })
  expect(await parkedNumbers(place)).toHaveLength(3)
  expect(await type(place, 'drop', 'webhook', '--guild', GUILD, '--line', '1', '--yes')).toMatchObject({
    code: 0,
    said: expect.stringContaining('1 line given up'),
  })
  expect(await lastLine(place, GUILD)).toMatchObject({
    type: 'sink.dropped',
    actor: 'cli:ann',
    data: { parked: [1], count: 1 },
  })
  expect(await type(place, 'drop', 'webhook', '--yes')).toMatchObject({
    code: 0,
    said: expect.stringContaining('2 lines given up'),
  })
  expect(await lastLine(place, INSTALLATION)).toMatchObject({ type: 'sink.dropped', data: { parked: [1], count: 1 } })
  expect(await parkedNumbers(place)).toEqual([])
  expect((await type(place, 'drop', 'webhook', '--yes')).said).toContain('There is nothing to give up.')
})

test('drop --waiting moves a sink to the end of the record, and the record says from where', async () => {
  const place = await stuck()
  expect((await type(place, 'drop', 'webhook', '--waiting')).said).toContain(
    'With --yes webhook never gets 2 lines: what waits for it',
  )
  expect(await type(place, 'drop', 'webhook', '--waiting', '--yes')).toMatchObject({
    code: 0,
    said: expect.stringContaining('2 lines given up'),
  })
  expect(await lastLine(place, GUILD)).toMatchObject({
    type: 'sink.dropped',
    data: { waiting: { from: 4, to: 5 }, count: 2 },
  })
  const { said } = await type(place, 'status')
  expect(said).toContain('webhook: 1 line behind')
  expect(said).toContain('parked: 3 lines')
})

test('forget lets go of a sink that is set no more, and not of one that is', async () => {
  const place = await stuck()
  expect((await type(place, 'status')).said).toContain('It is not in the settings any more')
  const set = { ...place, environment: { ...place.environment, SINK_FILE: 'events.jsonl' } }
  expect((await type(set, 'status')).said.match(/not in the settings any more/g)).toHaveLength(1)
  expect(await type(set, 'forget', 'file', '--yes')).toMatchObject({
    code: 2,
    said: expect.stringContaining('file is in the settings'),
  })
  const shown = await type(place, 'forget', 'webhook')
  expect(shown.said).toContain('2 lines that it never got, and 3 lines that it refused')
  expect(await parkedNumbers(place)).toHaveLength(3)
  expect(await type(place, 'forget', 'webhook', '--yes')).toMatchObject({ code: 0 })
  expect(await parkedNumbers(place)).toEqual([])
  expect(await lastLine(place, INSTALLATION)).toMatchObject({
    type: 'sink.forgotten',
    subject: 'sink:webhook',
    data: { parked: 3 },
  })
  expect((await type(place, 'status')).said).not.toContain('webhook')
  expect((await type(place, 'forget', 'webhook')).code).toBe(1)
  expect((await type(place, 'forget', 'webhook', '--yes')).code).toBe(1)
})

test.each([
  [['retry', 'nobody'], 1, 'There is no sink of that name. Nothing was changed. There are: file, webhook.'],
  [['drop', 'nobody'], 1, 'There is no sink nobody.'],
  [['drop', 'nobody', '--yes'], 1, 'There is no sink of that name.'],
  [['retry', 'webhook', '--line', '77'], 1, 'Line 77 is not parked at webhook'],
  [['drop', 'webhook', '--line', '77', '--yes'], 1, 'Line 77 is not parked at webhook'],
  [['retry', 'webhook', '--line', 'x'], 2, '--line must be the number of a line'],
  [['retry', 'webhook', '--guild', '12'], 2, '--guild'],
  [['drop', 'webhook', '--line', '1', '--waiting'], 2, 'give one of them'],
  [['retry'], 2, 'missing required argument'],
  [['mend'], 2, 'unknown command'],
] as const)('what is wrong about %j is said in a sentence, and nothing is changed', async (words, code, sentence) => {
  const place = await stuck()
  const ended = await type(place, ...words)
  expect(ended.said).toContain(sentence)
  expect(ended.code).toBe(code)
  expect(await parkedNumbers(place, true)).toEqual([])
  expect(await parkedNumbers(place)).toHaveLength(3)
})
