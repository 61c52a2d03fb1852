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

async function atWork({ said }: Program, guild: Guild): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!said().includes('connected to Discord')) {
    if (Date.now() > deadline) throw new Error(`waited in vain; it said: ${said()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
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

  test('the second is refused and says what to do, and the first goes on', { timeout: 90_000 }, async () => {
    const { guild, env } = await town()
    const first = program(env)
    await atWork(first, guild)
    const second = program(env)
    expect(await second.ended, second.said()).toBe(2)
    expect(second.said()).toMatch(
      /Another rolecall works on this database \(.+\)\. Stop it first, or give this one another database\./,
    )
    expect(second.said()).not.toMatch(/^ {4}at /m)
    expect(second.said()).not.toContain(url())
    expect(shownBy(await say(guild, MODERATOR, 'audit run')).title).toBe('2 members out of order')
    first.child.kill('SIGTERM')
    expect(await first.ended, first.said()).toBe(0)
    const third = program(env)
    await atWork(third, guild)
    third.child.kill('SIGTERM')
    expect(await third.ended, third.said()).toBe(0)
  })

  test('the first ends by itself once it can no longer be sure to be the only one', { timeout: 90_000 }, async () => {
    const { guild, env } = await town()
    const first = program(env)
    await atWork(first, guild)
    const sql = postgres(url(), { max: 1 })
    opened.push(() => sql.end())
    await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`
    expect(await first.ended, first.said()).toBe(2)
    expect(first.said()).toContain('had the database to itself was lost')
  })
})
