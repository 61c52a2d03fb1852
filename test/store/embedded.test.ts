import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setInterval } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase } from '#src/store/database.ts'
import { StoreFault } from '#src/store/fault.ts'
import { hashOf } from '#src/trail/line.ts'
import { cloneEngineFolder } from '../database.ts'
import { linesOf, newGuild } from './book.ts'

const SCRIPT = join(import.meta.dirname, 'hold-folder.ts')
const LONG = 180_000
const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

function clone(): string {
  const { folder, remove } = cloneEngineFolder()
  undo.push(remove)
  return folder
}

function start(...words: string[]): ChildProcess {
  const child = spawn(process.execPath, [SCRIPT, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  undo.push(() => child.kill('SIGKILL'))
  return child
}

/** Everything said up to and with the awaited words. */
function heard(child: ChildProcess, words: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const hear = (part: Buffer) => {
      text += part
      if (words.test(text)) resolve(text)
    }
    child.stdout!.on('data', hear)
    child.stderr!.on('data', hear)
    child.once('exit', (code) => reject(new Error(`exit ${code}: ${text}`)))
  })
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

const open = (dataDir: string, log: (line: string) => void = () => {}) => openDatabase({ dataDir, log })

describe('the embedded engine', () => {
  it('refuses a second process on its data folder, with what to do and exit code 2', { timeout: LONG }, async () => {
    const folder = clone()
    const first = await open(folder)
    const second = start(folder)
    const exit = once(second, 'exit')
    let said = ''
    second.stderr!.on('data', (part) => {
      said += part
    })
    expect(await exit).toEqual([2, null])
    expect(said).toMatch(/^The data folder .* is in use by another rolecall process.*DATA_DIR.*\n$/)
    expect(await first.sql`select 1 as one`).toMatchObject([{ one: 1 }])
    await first.close()
    await (await open(folder)).close()
  })

  it('refuses a second opening by the same process, by whatever path', { timeout: LONG }, async () => {
    const folder = clone()
    const first = await open(folder)
    await expect(open(join(folder, '.'))).rejects.toBeInstanceOf(StoreFault)
    await first.close()
  })

  it('loses no line that was told as written when it is killed, and starts again', { timeout: LONG }, async () => {
    const folder = clone()
    const guildId = newGuild()
    const child = start(folder, guildId)
    const said = await heard(child, /wrote 25\n/)
    await kill(child)
    const database = await open(folder)
    const lines = await linesOf(database.db, guildId)
    await database.close()
    expect(lines.length).toBeGreaterThanOrEqual(said.match(/wrote/g)!.length)
    for (const [nth, line] of lines.entries()) {
      expect(line.seq).toBe(nth + 1)
      expect(line.hash).toBe(hashOf(line.prevHash, { ...line, data: line.data as Record<string, unknown> }))
    }
  })

  it('starts again after it was killed in its very first start', { timeout: LONG }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-test-'))
    undo.push(() => rmSync(folder, { recursive: true, force: true }))
    const child = start(folder)
    const begun = () => existsSync(join(folder, 'postgres.unfinished/base'))
    for await (const _ of setInterval(20)) if (begun() || child.exitCode !== null) break
    await kill(child)
    expect(existsSync(join(folder, 'postgres'))).toBe(false)
    const said: string[] = []
    const database = await open(folder, (line) => said.push(line))
    expect(said).toEqual([expect.stringContaining('0000_foundation')])
    expect(await database.sql`select count(*)::int as n from trail`).toMatchObject([{ n: 0 }])
    await database.close()
    expect(readdirSync(folder)).toEqual(['postgres'])
  })

  it('says what to do where its folder cannot be made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-test-'))
    undo.push(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'file'), '')
    await expect(open(join(folder, 'file'))).rejects.toMatchObject({
      name: 'StoreFault',
      message: expect.stringMatching(/cannot be made.*DATA_DIR/),
    })
  })

  it('answers many at once, a transaction among them, without mixing them up', { timeout: LONG }, async () => {
    const database = await open(clone())
    const { sql } = database
    // Statements without a name, as drizzle sends them: what one session shares between its connections.
    const ask = (nth: number) => sql.unsafe(`select ${nth % 7} as kind, $1::int as n`, [nth])
    const plain = Array.from({ length: 60 }, (_, nth) => ask(nth))
    const inTransaction = sql.begin(async (tx) => [await tx`select 1 as n`, await tx`select 2 as n`])
    const answers = await Promise.all(plain)
    expect(answers.map(([row]) => [row!.kind, row!.n])).toEqual(plain.map((_, nth) => [nth % 7, nth]))
    expect((await inTransaction).map(([row]) => row!.n)).toEqual([1, 2])
    await database.close()
  })
})
