import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import postgres from 'postgres'
import { afterEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '#src/store/database.ts'
import { takeTurn } from '#src/store/turn.ts'
import { cloneEngineFolder, withServer } from '../database.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const BRISK = { waitMs: 100, beatMs: 20, answerMs: 200 }

async function opened(options: { url?: string; dataDir?: string }): Promise<Database> {
  const database = await openDatabase({ dataDir: tmpdir(), log: () => {}, ...options })
  undo.push(() => database.close())
  return database
}

withServer('the turn of one bot on a server', (url) => {
  const take = async (address = url(), patience = BRISK) => {
    const turn = await takeTurn(address, { onnotice: () => {} }, patience)
    undo.push(() => turn.release())
    return turn
  }
  /** A statement by somebody else. */
  const asOwner = async (statement: string) => {
    const sql = postgres(url(), { max: 1, onnotice: () => {} })
    return await sql.unsafe(statement).finally(() => sql.end())
  }

  it('is refused to a second one, which is told what to do, and given once the first has gone', async () => {
    const first = await take()
    const name = new URL(url()).pathname.slice(1)
    await expect(take()).rejects.toMatchObject({
      name: 'StoreFault',
      exitCode: 2,
      message: expect.stringMatching(
        new RegExp(
          `^Another rolecall works on this database \\(${name}, since .* UTC\\)\\. Stop it first, or give this one another database\\.$`,
        ),
      ),
    })
    await first.release()
    await take()
  })

  it('is waited for while the other is on its way out', async () => {
    const first = await take()
    const second = take(url(), { ...BRISK, waitMs: 10_000 })
    while ((await asOwner('select from pg_locks where not granted')).length === 0);
    await first.release()
    await second
  })

  it('does not keep a console command from the database', async () => {
    await take()
    const { sql } = await opened({ url: url() })
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }])
  })

  it('is given back when the database is closed, after the last that was under way', async () => {
    const first = await opened({ url: url() })
    await first.holdAlone()
    await expect(take()).rejects.toThrow('Another rolecall')
    const begun = Promise.withResolvers<void>()
    const slow = first.sql.begin(async (tx) => {
      await tx`select 1`
      begun.resolve()
      await tx`select pg_sleep(0.5)`
    })
    await begun.promise
    const closed = first.close()
    await expect(take()).rejects.toThrow('Another rolecall')
    await Promise.all([slow, closed])
    await take()
  })

  it('is lost with its connection, and its bot is told to end before another one is let in', async () => {
    const turn = await take(url(), { ...BRISK, beatMs: 60_000 })
    await asOwner(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`)
    expect(await turn.lost).toMatchObject({ name: 'StoreFault', exitCode: 2, message: expect.stringContaining('ends') })
    await take()
  })

  it('is lost where the server falls silent, though the connection stands', async () => {
    const { hostname, port } = new URL(url())
    const ends = new Set<Socket>()
    const server = createServer((near) => {
      const far = connect(Number(port || 5432), hostname)
      for (const end of [near, far]) ends.add(end.on('error', () => {}))
      near.pipe(far).pipe(near)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    undo.push(() => {
      for (const end of ends) end.destroy()
      server.close()
    })
    const through = new URL(url())
    Object.assign(through, { hostname: '127.0.0.1', port: String((server.address() as { port: number }).port) })
    const turn = await take(through.href)
    for (const end of ends) end.unpipe().pause()
    expect(await turn.lost).toMatchObject({ name: 'StoreFault' })
  })

  it('that was given back is not called lost', async () => {
    const turn = await take()
    let told = false
    void turn.lost.then(() => (told = true))
    await turn.release()
    await asOwner('select pg_sleep(0.1)')
    expect(told).toBe(false)
  })
})

describe('the turn of one bot on the embedded engine', () => {
  it('comes with the folder', async () => {
    const { folder, remove } = cloneEngineFolder()
    undo.push(remove)
    const database = await opened({ dataDir: folder })
    const turn = await database.holdAlone()
    expect(await database.sql`select 1 as one`).toEqual([{ one: 1 }])
    await turn.release()
  })
})
