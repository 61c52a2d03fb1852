import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { type Book, makeBook } from '#src/store/book.ts'
import { type Database, openDatabase } from '#src/store/database.ts'
import type { LeadOptions } from '#src/store/leadership.ts'
import type { Leadership, Timings } from '#src/store/lease.ts'
import type { AppendLines } from '#src/store/ledger.ts'
import { intents } from '#src/store/schema/runs.ts'
import { leadership } from '#src/store/schema/standing.ts'
import { INSTALLATION, trail } from '#src/store/schema/trail.ts'
import { mustHoldTerm } from '#src/store/term.ts'
import { transact } from '#src/store/transact.ts'
import { cloneEngineFolder, withServer } from '../database.ts'
import { openProxy } from '../severed.ts'
import { AT, append, linesOf, newGuild, typesOf } from './book.ts'
import { contextOf, order, runningRun, takes } from './making-runs.ts'

/** A tenth of the real ones, about: long enough that a busy machine is not taken for a dead one. */
const BRISK: Timings = { leaseMs: 1_500, marginMs: 300, beatMs: 150, againMs: 50, pollMs: 100, answerMs: 400 }

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function opened(options: { url?: string; dataDir?: string }): Promise<Database> {
  const database = await openDatabase({ dataDir: tmpdir(), log: () => {}, ...options })
  undo.push(() => database.close())
  return database
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(5)
}

const bookIn = ({ db }: Database, { term }: Leadership, lines: AppendLines = append): Book =>
  makeBook({ db, append: lines, readSettings, writeSettings, term: () => term })

withServer('leading on a server', (url) => {
  const lead = (database: Database, options: Partial<LeadOptions> = {}) =>
    database.lead({ append, timings: BRISK, ...options })
  const takenLines = async ({ db }: Database) =>
    (await linesOf(db, INSTALLATION)).filter(({ type }) => type === 'leadership.taken')

  beforeEach(async () => {
    const { db } = await opened({ url: url() })
    await db.delete(leadership)
  })

  it('is one bot’s, and the other stands by, is told since when, and begins as soon as the first one goes', async () => {
    const [one, two] = [await opened({ url: url() }), await opened({ url: url() })]
    const first = await lead(one, { onStandby: () => expect.unreachable() })
    const told: string[] = []
    let second: Leadership | null = null
    const standing = lead(two, { onStandby: (since) => told.push(since) }).then((taken) => {
      second = taken
    })
    await until(() => told.length > 0)
    await pause(5 * BRISK.pollMs)
    expect([second, told]).toEqual([null, [expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)]])
    const goneAt = performance.now()
    await first.release()
    await standing
    expect(performance.now() - goneAt).toBeLessThan(BRISK.leaseMs - BRISK.beatMs)
    expect(second).toMatchObject({ term: first.term + 1 })
    expect([first.mayAct(), second!.mayAct()]).toEqual([false, true])
  })

  it('is recorded with its term and whom it follows', async () => {
    const one = await opened({ url: url() })
    const before = (await takenLines(one)).length
    const first = await lead(one)
    await first.release()
    const second = await lead(one)
    const [started, followed, ...more] = (await takenLines(one)).slice(before)
    expect(more).toEqual([])
    expect(started).toMatchObject({ actor: 'system:leadership', subject: 'term:1', data: { term: 1, before: null } })
    expect(followed).toMatchObject({ subject: 'term:2', data: { term: 2, before: { term: 1, held: false } } })
    expect([first.term, second.term]).toEqual([1, 2])
  })

  it('is taken by one only where ten begin at once', async () => {
    const databases = await Promise.all(Array.from({ length: 10 }, () => opened({ url: url() })))
    const giveUp = new AbortController()
    const tries = databases.map((database) => lead(database, { signal: giveUp.signal }))
    await Promise.race(tries)
    giveUp.abort(new Error('enough'))
    const led = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled')
    expect(led).toHaveLength(1)
    const [row] = await databases[0]!.db.select().from(leadership)
    expect(row).toMatchObject({ term: 1, held: true })
  })

  it('follows a bot that was killed, within a lease, a look and an answer', { timeout: 60_000 }, async () => {
    const program = join(import.meta.dirname, 'lead-until-killed.ts')
    const child = spawn(process.execPath, [program, url(), JSON.stringify(BRISK)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    undo.push(() => child.kill('SIGKILL'))
    expect(String((await once(child.stdout, 'data'))[0]).trim()).toBe('term 1')
    const two = await opened({ url: url() })
    const stoodBy = Promise.withResolvers<void>()
    const standing = lead(two, { onStandby: () => stoodBy.resolve() })
    await stoodBy.promise
    await pause(2 * BRISK.leaseMs)
    const killedAt = performance.now()
    child.kill('SIGKILL')
    expect((await standing).term).toBe(2)
    const took = performance.now() - killedAt
    expect(took).toBeGreaterThan(BRISK.leaseMs - 2 * BRISK.beatMs - BRISK.answerMs)
    expect(took).toBeLessThan(2 * BRISK.leaseMs)
    const last = (await takenLines(two)).at(-1)
    expect(last?.data).toMatchObject({ before: { term: 1, held: true } })
  })

  it('ends for a bot that is cut off before another one begins, and what it still means to do is not written', {
    timeout: 60_000,
  }, async () => {
    const way = await openProxy(url())
    undo.push(() => way.close())
    const [one, two] = [await opened({ url: way.url }), await opened({ url: url() })]
    const first = await lead(one)
    const cutOff = bookIn(two, first)
    const run = await runningRun(cutOff)
    const before = await cutOff.intend(takes(run.guildId, '1'), contextOf(run))
    way.hang()
    const second = await lead(two)
    expect(second.term).toBe(first.term + 1)
    expect([first.mayAct(), second.mayAct()]).toEqual([false, true])
    const lines = (await linesOf(two.db, run.guildId)).length
    await expect(cutOff.intend(takes(run.guildId, '2'), contextOf(run))).rejects.toMatchObject({
      name: 'TermOver',
      message: expect.stringMatching(/Another rolecall acts on this database by now \(term 2; this one has term 1\)/),
    })
    expect(await linesOf(two.db, run.guildId)).toHaveLength(lines)
    const own = await bookIn(two, second).intend(takes(run.guildId, '3'), contextOf(run))
    const rows = await two.db.select().from(intents).where(eq(intents.guildId, run.guildId))
    expect(new Map(rows.map(({ id, term }) => [id, term]))).toEqual(
      new Map([
        [before.id, 1],
        [own.id, 2],
      ]),
    )
    await way.restore()
    expect(await first.lost).toMatchObject({
      name: 'StoreFault',
      exitCode: 2,
      message: expect.stringContaining('ends'),
    })
    expect(first.mayAct()).toBe(false)
  })

  it('lets nobody of an earlier term open a run, nor end one of those that the next has under way', async () => {
    const [one, other] = [await opened({ url: url() }), await opened({ url: url() })]
    const first = await lead(one)
    const before = bookIn(one, first)
    await first.release()
    const after = bookIn(other, await lead(other))
    const guildId = newGuild()
    const theirs = await runningRun(after, guildId)
    const report = order(guildId, { action: 'report' })
    await expect(before.openRun(report, new Set())).rejects.toMatchObject({ name: 'TermOver' })
    expect((await after.run(guildId, theirs.id))?.state).toBe('running')
    expect(await after.run(guildId, report.id)).toBeNull()
    expect(await typesOf(other.db, guildId)).toEqual(['run.opened', 'run.started'])
  })

  it('goes on in its term after the database was away, where nobody followed', { timeout: 60_000 }, async () => {
    const way = await openProxy(url())
    undo.push(() => way.close())
    const first = await lead(await opened({ url: way.url }))
    way.hang()
    await until(() => !first.mayAct())
    await way.restore()
    await until(() => first.mayAct())
    const [row] = await (await opened({ url: url() })).db.select().from(leadership)
    expect(row).toMatchObject({ term: first.term, held: true })
  })

  it('is over by this machine’s own clock a margin before another may begin', async () => {
    let now = 5_000
    const timings = { ...BRISK, beatMs: 60_000 }
    const first = await lead(await opened({ url: url() }), { timings, elapsed: () => now })
    now += BRISK.leaseMs - BRISK.marginMs - 1
    expect(first.mayAct()).toBe(true)
    now += 1
    expect(first.mayAct()).toBe(false)
  })

  it('is kept through many leases by a bot that is well', async () => {
    const one = await opened({ url: url() })
    const first = await lead(one)
    const two = await opened({ url: url() })
    let followed = false
    const giveUp = new AbortController()
    const standing = lead(two, { signal: giveUp.signal }).then(
      () => {
        followed = true
      },
      () => {},
    )
    await pause(2 * BRISK.leaseMs)
    giveUp.abort()
    await standing
    expect([followed, first.mayAct()]).toEqual([false, true])
  })

  it('that began meanwhile undoes an act that was being written down', async () => {
    const [one, two] = [await opened({ url: url() }), await opened({ url: url() })]
    const first = await lead(one)
    const gate = Promise.withResolvers<void>()
    const inHand = Promise.withResolvers<void>()
    const run = await runningRun(bookIn(one, first))
    const slow = bookIn(one, first, async (tx, drafts, at) => {
      inHand.resolve()
      await gate.promise
      return append(tx, drafts, at)
    })
    const refused = expect(slow.intend(takes(run.guildId), contextOf(run))).rejects.toMatchObject({ name: 'TermOver' })
    await inHand.promise
    await first.release()
    const second = await lead(two)
    gate.resolve()
    await refused
    expect(await two.db.$count(intents, eq(intents.guildId, run.guildId))).toBe(0)
    await bookIn(two, second).interruptStale(AT)
    const late = bookIn(one, first).intend(takes(run.guildId), contextOf(run))
    await expect(late).rejects.toMatchObject({ name: 'TermOver' })
  })

  /** A transaction that has found its term to hold, and has not ended yet. */
  const holding = async ({ db }: Database, { term }: Leadership) => {
    const held = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const ended = transact(db, async (tx) => {
      await mustHoldTerm(tx, term)
      held.resolve()
      await gate.promise
    }).then(
      () => 'committed',
      () => 'undone',
    )
    await held.promise
    return { ended, goOn: () => gate.resolve() }
  }

  it('begins only once what the last term is about to write is there, and the last one’s beats do not wait for it', async () => {
    const [one, two] = [await opened({ url: url() }), await opened({ url: url() })]
    const first = await lead(one)
    const writing = await holding(one, first)
    await pause(BRISK.leaseMs)
    expect(first.mayAct()).toBe(true)
    await first.release()
    let second: Leadership | null = null
    const standing = lead(two).then((taken) => {
      second = taken
    })
    await pause(5 * BRISK.pollMs)
    expect(second).toBeNull()
    writing.goOn()
    expect(await writing.ended).toBe('committed')
    await standing
    expect(second).toMatchObject({ term: first.term + 1 })
  })

  it('does not wait for ever for a bot that hangs there', { timeout: 60_000 }, async () => {
    const one = await opened({ url: url() })
    const first = await lead(one)
    const writing = await holding(one, first)
    await first.release()
    const begunAt = performance.now()
    expect((await lead(await opened({ url: url() }))).term).toBe(first.term + 1)
    expect(performance.now() - begunAt).toBeLessThan(10_000)
    writing.goOn()
    expect(await writing.ended).toBe('undone')
  })

  it('knows a term for its own whose beginning was answered too late', { timeout: 60_000 }, async () => {
    const one = await opened({ url: url() })
    let tries = 0
    const late: AppendLines = async (tx, drafts, at) => {
      const lines = await append(tx, drafts, at)
      if (++tries === 1) await pause(2 * BRISK.answerMs)
      return lines
    }
    const first = await lead(one, { append: late })
    expect([first.term, first.mayAct(), tries]).toEqual([1, true, 1])
  })

  it('leaves acts in hand alone, and finds those that an earlier term left open', async () => {
    const one = await opened({ url: url() })
    const first = await lead(one)
    const run = await runningRun(bookIn(one, first))
    const intent = await bookIn(one, first).intend(takes(run.guildId), contextOf(run))
    expect(await bookIn(one, first).openIntents(99)).not.toContainEqual(intent)
    await first.release()
    const second = await lead(one)
    expect(await bookIn(one, second).openIntents(99)).toContainEqual(intent)
  })

  it('is waited for until somebody says to stop waiting', async () => {
    await lead(await opened({ url: url() }))
    const giveUp = new AbortController()
    const two = await opened({ url: url() })
    const standing = lead(two, { signal: giveUp.signal, onStandby: () => giveUp.abort(new Error('asked to end')) })
    await expect(standing).rejects.toThrow('asked to end')
  })

  it('is waited for no longer than the database is open', async () => {
    await lead(await opened({ url: url() }))
    const two = await opened({ url: url() })
    const stoodBy = Promise.withResolvers<void>()
    const standing = lead(two, { onStandby: () => stoodBy.resolve() })
    await Promise.all([
      expect(standing).rejects.toMatchObject({ name: 'StoreFault' }),
      stoodBy.promise.then(() => two.close()),
    ])
  })

  it('is not needed by a console', async () => {
    await lead(await opened({ url: url() }))
    const console = makeBook({ db: (await opened({ url: url() })).db, append, readSettings, writeSettings })
    const run = await runningRun(console, newGuild())
    await console.moveRun(run.guildId, run.id, 'interrupted', AT)
  })

  it('is given up when the database is closed, after the last that was under way', async () => {
    const [one, two] = [await opened({ url: url() }), await opened({ url: url() })]
    const first = await lead(one)
    let second: Leadership | null = null
    const standing = lead(two).then((taken) => {
      second = taken
    })
    const begun = Promise.withResolvers<void>()
    const slow = one.sql.begin(async (tx) => {
      await tx`select 1`
      begun.resolve()
      await tx`select pg_sleep(0.5)`
    })
    await begun.promise
    const closed = one.close()
    await slow
    expect(second).toBeNull()
    await closed
    await standing
    expect([first.mayAct(), second!.mayAct()]).toEqual([false, true])
  })

  it('that was given up is not called lost', async () => {
    const one = await opened({ url: url() })
    const first = await lead(one)
    let told = false
    void first.lost.then(() => {
      told = true
    })
    await first.release()
    await lead(one)
    await pause(3 * BRISK.beatMs)
    expect(told).toBe(false)
  })
})

describe('leading on the embedded engine', () => {
  it('comes with the folder, in a new term each time it is opened, whether or not the last one was given up', async () => {
    const { folder, remove } = cloneEngineFolder()
    undo.push(remove)
    const terms = []
    for (let nth = 0; nth < 2; nth++) {
      const database = await openDatabase({ dataDir: folder, log: () => {} })
      const first = await database.lead({ append })
      const second = await database.lead({ append, onStandby: () => expect.unreachable() })
      terms.push(first.term, second.term)
      expect(second.mayAct()).toBe(true)
      await expect(
        bookIn(database, first).intend(takes('1'), contextOf(await runningRun(bookIn(database, second)))),
      ).rejects.toMatchObject({ name: 'TermOver' })
      expect(await database.db.$count(trail, eq(trail.type, 'leadership.taken'))).toBe(terms.length)
      await database.close()
      expect(second.mayAct()).toBe(false)
    }
    expect(terms).toEqual([1, 2, 3, 4])
  })
})
