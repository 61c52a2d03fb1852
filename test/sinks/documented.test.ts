import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { toLogRecord } from '#src/sinks/otlp-record.ts'
import { signedHeaders } from '#src/sinks/signature.ts'
import { Program } from '../bot/program.ts'
import { addGuild, furnish, MODERATOR, quickSandbox, say, shownBy, untilLive } from '../bot/town.ts'
import { anyPlace } from '../database.ts'
import { deadPort } from './collector.ts'

// What docs/events.md shows is done here as it stands there: its scripts run, its settings are the bot's, and what it says arrives.

const ROOT = join(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'docs/events.md'), 'utf8')

/** The blocks of code under a heading, of this language (none: settings). */
function blocks(heading: string, language: string): readonly string[] {
  const section = page.split(/^#{2,3} /m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, of]) => of === language)
    .map(([, , text]) => text!)
}

const TRY_IT = 'Try it: a collector of your own'
const RECEIVER = 'A receiver that believes nobody else'
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
const PATIENCE_MS = 30_000

describe('the page on events', () => {
  it('shows the log record that its event becomes', () => {
    const event = JSON.parse(blocks('What an event looks like', 'json')[0]!)
    expect(JSON.parse(blocks('To an OpenTelemetry collector', 'json')[0]!)).toEqual(toLogRecord(event))
  })
})

/** A noun and a past participle in quotes. What else has a dot in its middle ends otherwise. */
const TYPE = /'([a-z_]{3,}\.(?:[a-z]+_)?(?:[a-z]{2,}e[dn]|made|set|held|found|lost|kept|sent|begun|left))'/g

describe('the list of types on the page', () => {
  const source = ['src', 'commands'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
  )
  const written = new Set(source.flatMap((text) => [...text.matchAll(TYPE)].map(([, type]) => type!)))
  const rows = (page.split('## Every type of event')[1] ?? '').match(/^\| `.*$/gm) ?? []
  const listed = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, type]) => type!))

  it('names every type of line that the bot writes, so that a filter can be made by it', () => {
    expect([...written].filter((type) => !listed.includes(type))).toEqual([])
  })

  it('names none that it does not write, and none twice', () => {
    expect(listed.filter((type, index) => !written.has(type) || listed.indexOf(type) !== index)).toEqual([])
  })
})

/** A script of the page, as a reader runs it. */
class Script {
  readonly #child: ChildProcess
  #said = ''

  constructor(path: string, environment: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [path], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#said += text))
  }

  async says(words: string | RegExp): Promise<void> {
    await vi
      .waitUntil(() => this.#said.match(words), { timeout: PATIENCE_MS, interval: 10 })
      .catch(() => {
        expect(this.#said).toMatch(words)
      })
  }

  get lines(): readonly string[] {
    return this.#said.split('\n').slice(0, -1)
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}

describe('a reader who follows the page', () => {
  const opened: (() => unknown)[] = []
  let collector: Script
  let receiver: Script
  let ports: ReadonlyMap<string, number>
  let eventsFile: string
  /** Others may be at the ports that the page names. */
  const elsewhere = (text: string) => text.replace(/\b43(?:18|19)\b/g, (port) => String(ports.get(port)))

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-page-'))
    opened.push(() => rmSync(folder, { recursive: true, force: true }))
    ports = new Map([
      ['4318', await deadPort()],
      ['4319', await deadPort()],
    ])
    const script = (name: string, heading: string, environment = {}) => {
      writeFileSync(join(folder, name), elsewhere(blocks(heading, 'js')[0]!))
      const started = new Script(join(folder, name), environment)
      opened.push(() => started.end())
      return started
    }
    collector = script('collector.mjs', TRY_IT)
    receiver = script('receiver.mjs', RECEIVER, { WEBHOOK_SECRET: SECRET })
    await collector.says('Waiting for events.')
    await receiver.says('Waiting for webhooks.')
    eventsFile = join(folder, 'events.jsonl')
    const settings = [TRY_IT, RECEIVER, 'To a file'].map((heading) => blocks(heading, '')[0]!).join('')
    await runBot({
      ...(parseEnv(elsewhere(settings).replace('whsec_…', SECRET)) as Record<string, string>),
      SINK_FILE: eventsFile,
    })
  }, 120_000)
  afterAll(async () => {
    for (const close of opened.splice(0).reverse()) await close()
  })

  /** A bot that an operator has furnished, and a moderator who asks it to look at everybody. */
  async function runBot(settings: Readonly<Record<string, string>>): Promise<void> {
    const { place, drop } = await anyPlace()
    const sandbox = await quickSandbox()
    opened.push(drop, () => sandbox.close())
    const guild = addGuild(sandbox)
    await furnish(place, guild)
    const bot = new Program({
      ...(place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }),
      ...{ DISCORD_TOKEN: sandbox.token, DISCORD_API_URL: sandbox.url, ...settings },
    })
    opened.push(() => bot.clear())
    await bot.connected()
    await untilLive(guild)
    expect(shownBy(await say(guild, MODERATOR, 'audit run')).title).toBe('2 members out of order')
  }

  it('sees the record so far and what happens now arrive at the collector', async () => {
    await collector.says(/Z app\.rolecall\.run\.completed\.v1 run:/)
    const types = collector.lines.map((line) => line.split(' ')[1])
    expect(types.indexOf('app.rolecall.setting.changed.v1')).toBeGreaterThan(0)
    expect(types.indexOf('app.rolecall.run.opened.v1')).toBeGreaterThan(
      types.indexOf('app.rolecall.setting.changed.v1'),
    )
    for (const line of collector.lines.slice(1))
      expect(line).toMatch(/^[\d-]+T[\d:.]+Z app\.rolecall\.[a-z_.]+\.v1 \S+$/)
  })

  it('sees them arrive at the receiver, who knows by the signature whom they come from', async () => {
    await receiver.says(/app\.rolecall\.run\.completed\.v1 run:/)
  })

  it('sees them in the file, but for those that the filter leaves out', async () => {
    const types = () =>
      readFileSync(eventsFile, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).type)
    await expect.poll(types).toContain('app.rolecall.run.completed.v1')
    expect(types().filter((type) => type.includes('.finding.'))).toEqual([])
  })

  it('has a receiver that takes nothing from anybody else', async () => {
    const body = '{"id":"1","type":"forged","subject":"","data":{}}'
    const send = (headers: Record<string, string>, sent = body) =>
      fetch(`http://127.0.0.1:${ports.get('4319')}/`, { method: 'POST', body: sent, headers })
    const key = Buffer.alloc(32, 5)
    const genuine = signedHeaders('1', Date.now(), body, [Buffer.alloc(32, 1), key])
    const forged: readonly (readonly [Record<string, string>, string?])[] = [
      [{}],
      [signedHeaders('1', Date.now(), body, [Buffer.alloc(32, 1)])],
      [signedHeaders('1', Date.now() - 600_000, body, [key])],
      [{ ...genuine, 'webhook-id': '2' }],
      [genuine, body.replace('forged', 'Forged')],
    ]
    for (const [headers, sent] of forged) expect((await send(headers, sent)).status).toBe(401)
    expect((await send(genuine)).status).toBe(204)
  })
})
