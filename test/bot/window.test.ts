import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ServerStanding } from '#src/bot/server-standing.ts'
import { showServers, Window } from '#src/bot/window.ts'
import { Screen } from '#src/console/screen.ts'
import { startSandbox } from '#src/sandbox/sandbox.ts'
import { paper } from '../console/paper.ts'
import { anyPlace } from '../database.ts'
import { Program } from './program.ts'
import { addGuild, furnish, quickSandbox } from './town.ts'

// What an operator sees who starts the bot on a terminal, and what stays in the log alone.

const NOW = Date.UTC(2026, 10, 22)
const HOUR = 3_600_000
const QUIET: ServerStanding = {
  name: 'The \u001b[2JQuiet *Concord*',
  members: 1_500,
  locked: false,
  blind: false,
  armed: { schedule: false, realtime: false },
  nextLookAt: null,
}

function shown(standing: ServerStanding, columns = 80): string {
  const screen = paper({ columns })
  new Window(new Screen(screen), () => NOW).server('1', standing)
  return screen.text()
}
const words = (text: string): string => text.replaceAll('▌', '').replaceAll(/\s+/g, ' ').trim()

describe('a server on the terminal', () => {
  const both = { schedule: true, realtime: true }
  it.each([
    [{}, 'It acts when it is asked to; by itself it only reports.'],
    [
      { locked: true },
      'The first-run lock holds, so nothing is taken from anybody: make a report in Discord with `/audit run`',
    ],
    [{ armed: { schedule: false, realtime: true } }, 'It acts by itself in real time.'],
    [
      { armed: { schedule: true, realtime: false }, nextLookAt: NOW + 5 * HOUR },
      'on schedule. The next look at everybody by schedule is in 5 hours.',
    ],
    [{ nextLookAt: NOW - HOUR }, 'A look at everybody by schedule is due.'],
    [{ armed: both }, 'It acts by itself, in real time and on schedule.'],
    [{ armed: both, locked: true }, 'The first-run lock holds'],
    [
      { armed: both, blind: true },
      'Blind: the identity source is not to be trusted just now, so nothing is taken from anybody.',
    ],
  ] satisfies [Partial<ServerStanding>, string][])('that stands as %j is told so', (standing, sentence) => {
    const said = words(shown({ ...QUIET, ...standing }))
    expect(said).toMatch(/^The \[2JQuiet \*Concord\*: 1,500 members are known and watched\. /)
    expect(said).toContain(sentence)
  })

  it.each([40, 80, 120])('fits %i columns', (columns) => {
    const lines = shown({ ...QUIET, locked: true }, columns).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(Math.min(columns, 80))
  })

  it('is named where the log speaks of one of several', () => {
    const screen = paper({ columns: 80 })
    const window = new Window(new Screen(screen), () => NOW)
    window.server('1', { ...QUIET, name: 'One' })
    window.hear('warn', 'Something is odd.', '1')
    window.server('2', { ...QUIET, name: 'Two' })
    window.hear('error', 'Something is wrong.', '1')
    window.hear('warn', 'Nothing answers.', undefined)
    expect(screen.text()).toMatch(/^▌ Something is odd\.\n[\s\S]*^▌ One: Something is wrong\.\n▌ Nothing answers\.\n$/m)
  })

  it('is shown when its members are known, a later one too, and of very many only the first', async () => {
    const screen = paper({ columns: 80 })
    const ids = Array.from({ length: 30 }, (_, index) => String(index))
    const known = new Set(ids.slice(0, 3))
    const halt = new AbortController()
    const server = async (id: string) => (known.has(id) ? { ...QUIET, name: `server ${id}` } : null)
    const over = showServers(
      { name: 'x', guildIds: () => ids, server },
      new Window(new Screen(screen), () => NOW),
      halt.signal,
    )
    await vi.waitUntil(() => screen.text().includes('server 2'))
    expect(screen.text()).not.toContain('server 3:')
    for (const id of ids) known.add(id)
    await vi.waitUntil(() => screen.text().includes('Further servers are not listed here'))
    expect(screen.text()).toContain('server 19:')
    expect(screen.text()).not.toContain('server 20:')
    halt.abort()
    await over
  })
})

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const SCRIPT = '/usr/bin/script'

/** `npm start` as on a terminal of 80 columns, its log kept in a file. */
class OnTerminal {
  readonly child
  readonly ended: Promise<number | null>
  readonly #folder = mkdtempSync(join(tmpdir(), 'rolecall-window-'))
  #seen = ''

  constructor(environment: Readonly<Record<string, string>>) {
    const command = `stty cols 80; exec '${process.execPath}' '${MAIN}' 2> '${this.#folder}/log'`
    const env = {
      PATH: process.env.PATH,
      HOME: this.#folder,
      SHELL: '/bin/sh',
      TERM: 'xterm',
      NO_COLOR: '1',
      ...environment,
    }
    this.child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], {
      cwd: this.#folder,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#seen += text
    })
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
    opened.push(async () => {
      this.child.kill('SIGKILL')
      await this.ended
      rmSync(this.#folder, { recursive: true, force: true })
    })
  }

  get seen(): string {
    return words(this.#seen)
  }

  get log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8')
  }

  async shows(sentence: string): Promise<void> {
    await vi.waitUntil(() => this.seen.includes(sentence) || this.child.exitCode !== null, {
      timeout: 60_000,
      interval: 50,
    })
    expect(this.seen).toContain(sentence)
  }

  /** As a terminal hands it on. */
  ctrlC(): void {
    this.child.stdin.write('\u0003')
  }
}

describe.skipIf(!existsSync(SCRIPT))('the bot on a terminal', { timeout: 120_000 }, () => {
  it('says where it is connected, how each server stands and how to stop it, and the log stays in one place', async () => {
    const sandbox = await quickSandbox()
    opened.push(() => sandbox.close())
    const guild = addGuild(sandbox, 'The Quiet Concord')
    const { place, drop } = await anyPlace()
    opened.push(drop)
    await furnish(place, guild)
    const where = place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
    const bot = new OnTerminal({ ...where, DISCORD_TOKEN: sandbox.token, DISCORD_API_URL: sandbox.url })
    await bot.shows('The Quiet Concord: 36 members are known and watched. The first-run lock holds')
    expect(bot.seen).toMatch(/^rolecall starts\..* Connected to Discord as \S+, in 1 server\. Ctrl-C stops it\./)
    const inReadme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    const example = /^```\n(▌ rolecall starts.*?)^```$/ms.exec(inReadme)?.[1] ?? 'no example'
    const settled = (text: string) => text.replace(/kept in .*? Connected/, 'kept in … Connected')
    expect(settled(bot.seen)).toContain(settled(words(example)))
    bot.ctrlC()
    expect(await bot.ended).toBe(0)
    expect(bot.seen).toMatch(/Stopping: what is in hand is finished.* Stopped\.$/)
    for (const line of bot.log.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg')
    expect(bot.seen).not.toContain('{"level"')
  })

  it('says first and in a sentence what keeps it from its work', async () => {
    const { place, drop } = await anyPlace()
    opened.push(drop)
    const where = place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
    const bot = new OnTerminal({ ...where, DISCORD_TOKEN: 'x', DISCORD_API_URL: 'http://127.0.0.1:1/api' })
    await bot.shows('Discord could not be reached (ECONNREFUSED) while logging in.')
    bot.ctrlC()
    expect(await bot.ended).toBe(0)
  })

  it('says what is wrong with the settings, in lines that fit', async () => {
    const bot = new OnTerminal({ LOG_LEVEL: 'loud' })
    expect(await bot.ended).toBe(2)
    expect(bot.seen).toContain('LOG_LEVEL must be one of debug, info, warn, error, silent.')
    expect(bot.log).toContain('LOG_LEVEL must be one of debug, info, warn, error, silent.')
  })
})

it('without a terminal the log is all that the bot says', { timeout: 60_000 }, async () => {
  const sandbox = await startSandbox({ rateScale: 0.02 })
  opened.push(() => sandbox.close())
  const { place, drop } = await anyPlace()
  opened.push(drop)
  const where = place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
  const bot = new Program({ ...where, DISCORD_TOKEN: sandbox.token, DISCORD_API_URL: sandbox.url })
  opened.push(() => bot.clear())
  await bot.connected()
  expect(await bot.end('SIGTERM')).toBe(0)
  const lines = bot.said.trim().split('\n')
  for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg')
})
