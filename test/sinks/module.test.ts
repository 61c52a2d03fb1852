import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { Refusal } from '#src/core/refusal.ts'
import { ModuleSink } from '#src/sinks/module.ts'
import { type OutEvent, SinkGone, SinkTrouble } from '#src/sinks/sink.ts'
import { Program } from '../bot/program.ts'
import { anyPlace } from '../database.ts'

// Modules of an operator's, as files on the disk.

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-modules-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

let last = 0
/** Writes a module and names its file. */
function moduleOf(text: string): string {
  const path = join(folder, `sink-${++last}.mjs`)
  writeFileSync(path, text)
  return path
}

const planOf = (path: string) =>
  ({ kind: 'module', name: 'module-mine', path, filter: { only: null, not: [], guilds: null } }) as const

async function open(text: string): Promise<ModuleSink> {
  const sink = await ModuleSink.open(planOf(moduleOf(text)))
  onTestFinished(() => sink.close())
  return sink
}

const eventOf = (nth: number, type = 'action.settled', guild = '1001'): OutEvent => ({
  ...{ specversion: '1.0', datacontenttype: 'application/json', id: `id-${nth}`, source: `rolecall://x/${guild}` },
  ...{ type: `app.rolecall.${type}.v1`, subject: 'member:1', time: '2026-11-22T12:00:00.000Z', data: { nth } },
  ...{ sequence: String(nth).padStart(20, '0'), authtype: 'system', authid: 'system:schedule' },
})

const EVENTS = [eventOf(1), eventOf(2)]
const patience = () => AbortSignal.timeout(10_000)

/** A module that writes what it is given into a file. */
const writing = (file: string, more = '') => `
import { appendFile } from 'node:fs/promises'
export default {
  ${more}
  async deliver(events) {
    await appendFile(${JSON.stringify(file)}, events.map((event) => JSON.stringify(event) + '\\n').join(''))
    return { refused: [] }
  },
}`

const writtenIn = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

it('is given the events, and what it answers is handed on', async () => {
  const file = join(folder, 'plain.jsonl')
  const sink = await open(writing(file, 'most: 7,'))
  expect(sink).toMatchObject({ name: 'module-mine', most: 7 })
  expect(await sink.deliver(EVENTS, patience())).toEqual({ refused: [] })
  expect(writtenIn(file)).toEqual(EVENTS)
  const refusing = await open(
    `export default { deliver: (events) => ({ refused: [{ id: events[0].id, reason: 'not mine' }] }) }`,
  )
  expect(await refusing.deliver(EVENTS, patience())).toEqual({ refused: [{ id: 'id-1', reason: 'not mine' }] })
})

it('has its formats used, the most specific first; an event whose format fails is refused', async () => {
  const file = join(folder, 'formatted.jsonl')
  const sink = await open(
    writing(
      file,
      `formats: {
        'action.settled': ({ data }) => ({ by: 'type', nth: data.nth }),
        '1002/action.settled': ({ data }) => ({ by: 'guild and type', nth: data.nth, id: 'forged' }),
        'run.opened': () => { throw new Error('a bug') },
        default: ({ data }) => ({ by: 'default', nth: data.nth }),
      },`,
    ),
  )
  const events = [eventOf(1), eventOf(2, 'action.settled', '1002'), eventOf(3, 'run.opened'), eventOf(4, 'role.given')]
  expect(await sink.deliver(events, patience())).toEqual({
    refused: [{ id: 'id-3', reason: 'Its format failed: Error: a bug' }],
  })
  expect(writtenIn(file)).toEqual([
    { by: 'type', nth: 1, id: 'id-1' },
    { by: 'guild and type', nth: 2, id: 'id-2' },
    { by: 'default', nth: 4, id: 'id-4' },
  ])
})

it.each([
  ['does not parse', 'export default {', 'cannot be loaded: SyntaxError'],
  ['throws when it is loaded', "throw new Error('no key')", 'cannot be loaded: Error: no key'],
  ['ends the process when it is loaded', 'process.exit(3)', 'ended by itself (exit code 3)'],
  ['exports nothing', '', 'has no default export'],
  ['exports something by another name only', 'export const deliver = () => {}', 'has no default export'],
  ['exports a number', 'export default 7', 'exports by default a number'],
  ['exports null', 'export default null', 'exports by default null'],
  ['has no deliver', 'export default {}', 'whose deliver is missing and not a function'],
  ['has a deliver that is none', "export default { deliver: 'x' }", 'whose deliver is a string'],
  ['has a close that is none', 'export default { deliver() {}, close: 1 }', 'whose close is a number'],
  ['wants none at once', 'export default { deliver() {}, most: 0 }', 'whose most is not a whole number'],
  ['has formats that are none', 'export default { deliver() {}, formats: 1 }', 'whose formats is a number'],
  ['has a format of no type', "export default { deliver() {}, formats: { 'a b': 1 } }", 'a format named "a b"'],
  ['has a format that is none', 'export default { deliver() {}, formats: { default: 1 } }', 'a format default that is'],
])('that %s is told at the start, with its file', async (_, text, words) => {
  const path = moduleOf(text)
  const failure = await ModuleSink.open(planOf(path)).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Refusal)
  expect((failure as Refusal).message).toContain(`The sink module ${path} (SINK_MODULES) `)
  expect((failure as Refusal).message).toContain(words)
  expect((failure as Refusal).message).toContain('docs/events.md')
})

it('that is not there is told at the start', async () => {
  const path = join(folder, 'nowhere.mjs')
  await expect(ModuleSink.open(planOf(path))).rejects.toThrow(`There is no sink module ${path} (SINK_MODULES).`)
})

const TROUBLES: readonly (readonly [string, string, string | RegExp])[] = [
  ['throws', "throw new Error('the disk is full')", 'It threw: the disk is full'],
  ['throws no error', "throw 'x'", 'It threw: x'],
  ['throws nothing', 'throw null', 'It threw: '],
  ['throws where nobody listens', "setTimeout(() => { throw new Error('late') }); await new Promise(() => {})", 'late'],
  ['rejects where nobody listens', "void Promise.reject(new Error('loose')); await new Promise(() => {})", 'loose'],
  ['ends the process', 'process.exit(0)', 'ended by itself (exit code 0)'],
  ['asks for patience', "throw Object.assign(new Error('later'), { name: 'SinkTrouble', retryAfterMs: 7 })", /^later$/],
]

it.each(TROUBLES)('that %s is in trouble, and begun again at the next call', async (_, deed, words) => {
  const file = join(folder, `once-${++last}`)
  const sink = await open(`
import { existsSync, writeFileSync } from 'node:fs'
export default {
  async deliver() {
    if (existsSync(${JSON.stringify(file)})) return { refused: [] }
    writeFileSync(${JSON.stringify(file)}, '')
    ${deed}
  },
}`)
  const failure = await sink.deliver(EVENTS, patience()).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(SinkTrouble)
  expect((failure as SinkTrouble).message).toMatch(words)
  if (_ === 'asks for patience') expect((failure as SinkTrouble).retryAfterMs).toBe(7)
  expect(await sink.deliver(EVENTS, patience())).toEqual({ refused: [] })
})

it.each([
  ['never settles', 'await new Promise(() => {})'],
  ['never lets go of its thread', 'for (;;) {}'],
])('that %s is ended when its time is up, and begun again', async (_, deed) => {
  const file = join(folder, `once-${++last}`)
  const sink = await open(`
import { existsSync, writeFileSync } from 'node:fs'
export default {
  async deliver() {
    if (existsSync(${JSON.stringify(file)})) return { refused: [] }
    writeFileSync(${JSON.stringify(file)}, '')
    ${deed}
  },
}`)
  await expect(sink.deliver(EVENTS, AbortSignal.timeout(300))).rejects.toThrow()
  expect(await sink.deliver(EVENTS, patience())).toEqual({ refused: [] })
})

it('may say that nothing more is wanted', async () => {
  const sink = await open(
    "export default { deliver() { throw Object.assign(new Error('closed down'), { name: 'SinkGone' }) } }",
  )
  const failure = await sink.deliver(EVENTS, patience()).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(SinkGone)
  expect((failure as SinkGone).message).toBe('closed down')
})

it('that answers what cannot be copied has not answered', async () => {
  const sink = await open('export default { deliver: () => ({ refused: [], sink: () => {} }) }')
  expect(await sink.deliver(EVENTS, patience())).toBe(null)
})

it('is asked to close what it has open', async () => {
  const file = join(folder, 'closed')
  const text = `
import { writeFileSync } from 'node:fs'
export default { deliver: () => ({ refused: [] }), async close() { writeFileSync(${JSON.stringify(file)}, 'closed') } }`
  const sink = await ModuleSink.open(planOf(moduleOf(text)))
  await sink.close()
  expect(readFileSync(file, 'utf8')).toBe('closed')
})

it('takes events as the example of the docs says', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8')
  const example = /```js\n(\/\/ my-sink\.mjs[\s\S]*?)^```$/m.exec(page)![1]!
  const file = join(folder, 'documented.jsonl')
  const sink = await open(example.replace("process.env.MY_SINK_FILE ?? 'my-sink.jsonl'", JSON.stringify(file)))
  expect(sink.most).toBe(100)
  const large = { ...eventOf(3, 'run.opened'), data: { much: 'x'.repeat(200_000) } }
  const settled = { ...eventOf(2), data: { outcome: 'done' } }
  expect(await sink.deliver([eventOf(1, 'role.given'), settled, large], patience())).toEqual({
    refused: [{ id: 'id-3', reason: 'larger than 100 kB' }],
  })
  const { time, subject } = settled
  expect(writtenIn(file)).toEqual([eventOf(1, 'role.given'), { time, who: subject, outcome: 'done', id: 'id-2' }])
})

it('that cannot be used keeps the bot from starting, and the sentence says why', async () => {
  const { place, drop } = await anyPlace()
  onTestFinished(drop)
  const path = moduleOf('export default {}')
  const where = place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
  const program = new Program({
    DISCORD_TOKEN: 'token',
    DISCORD_API_URL: 'http://127.0.0.1:9/api',
    ...where,
    SINK_MODULES: path,
  })
  onTestFinished(() => program.clear())
  expect(await program.ended).toBe(2)
  expect(program.said.replaceAll(/\s+/g, ' ')).toContain(
    'exports an object whose deliver is missing and not a function.',
  )
})
