import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterEach, expect, test } from 'vitest'
import type { Guild } from '#src/sandbox/guild.ts'
import { withServer } from '../database.ts'
import { addGuild, furnish, MODERATOR, quickSandbox, say, shownBy, untilLive } from './town.ts'

// Two programs that were given one database on a server.

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

interface Program {
  readonly child: ChildProcess
  readonly said: () => string
  readonly ended: Promise<number | null>
}

function program(environment: Record<string, string>): Program {
  const dataDir = mkdtempSync(join(tmpdir(), 'rolecall-test-'))
  const env = { PATH: process.env.PATH, HOME: dataDir, DATA_DIR: dataDir, ...environment }
  const child = spawn(process.execPath, [MAIN], { cwd: dataDir, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  opened.push(async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(dataDir, { recursive: true, force: true })
  })
  return { child, said: () => said, ended }
}

async function says({ said }: Program, words: string): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!said().includes(words)) {
    if (Date.now() > deadline) throw new Error(`waited in vain for “${words}”; it said: ${said()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function atWork(one: Program, guild: Guild): Promise<void> {
  await says(one, 'connected to Discord')
  await untilLive(guild)
}

withServer('two bots on one database', (url) => {
  const town = async () => {
    const sandbox = await quickSandbox()
    opened.push(() => sandbox.close())
    const guild = addGuild(sandbox)
    await furnish({ url: url(), dataDir: tmpdir() }, guild)
    return { guild, env: { DATABASE_URL: url(), DISCORD_TOKEN: sandbox.token, DISCORD_API_URL: sandbox.url } }
  }

  test('the second stands by, and takes over within 15 s of the first being killed', { timeout: 90_000 }, async () => {
    const { guild, env } = await town()
    const first = program(env)
    await atWork(first, guild)
    const second = program(env)
    await says(second, 'stands by')
    expect(second.said()).not.toContain('connected to Discord')
    expect(second.said()).not.toContain(url())
    expect(shownBy(await say(guild, MODERATOR, 'audit run')).title).toBe('2 members out of order')
    const killedAt = performance.now()
    first.child.kill('SIGKILL')
    await says(second, 'This bot acts on this database from now on.')
    expect(performance.now() - killedAt).toBeLessThan(15_000)
    await atWork(second, guild)
    expect(shownBy(await say(guild, MODERATOR, 'audit run')).title).toBe('2 members out of order')
  })

  test('the second begins at once where the first is asked to end', { timeout: 90_000 }, async () => {
    const { guild, env } = await town()
    const first = program(env)
    await atWork(first, guild)
    const second = program(env)
    await says(second, 'stands by')
    first.child.kill('SIGTERM')
    expect(await first.ended, first.said()).toBe(0)
    const endedAt = performance.now()
    await says(second, 'This bot acts on this database from now on.')
    expect(performance.now() - endedAt).toBeLessThan(5_000)
    second.child.kill('SIGTERM')
    expect(await second.ended, second.said()).toBe(0)
  })

  test('one that stands by ends when it is asked to', { timeout: 90_000 }, async () => {
    const { guild, env } = await town()
    const first = program(env)
    await atWork(first, guild)
    const second = program(env)
    await says(second, 'stands by')
    second.child.kill('SIGTERM')
    expect(await second.ended, second.said()).toBe(0)
  })

  test('the first ends by itself once another one has taken over', { timeout: 90_000 }, async () => {
    const { guild, env } = await town()
    const first = program(env)
    await atWork(first, guild)
    const sql = postgres(url(), { max: 1 })
    opened.push(() => sql.end())
    await sql`update leadership set term = term + 1, holder = gen_random_uuid(), beat_at = now()`
    expect(await first.ended, first.said()).toBe(2)
    expect(first.said()).toContain('Another rolecall has taken over this database')
    expect(first.said()).not.toMatch(/^ {4}at /m)
  })
})
