import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { type Database, openDatabase } from '#src/store/database.ts'
import type { Order } from '#src/store/orders.ts'
import { bookOf } from '../store/book.ts'

// Two sides of one table: an operator who types a command, and a bot that takes it.

const SHIM = join(import.meta.dirname, '../../bin/rolecall.js')

/** What the operator's console was started with, said, and ended with. */
export class Typed {
  out = ''
  err = ''
  readonly child: ChildProcess
  readonly ended: Promise<number | null>

  constructor(words: readonly string[], environment: Readonly<Record<string, string>>) {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-typed-'))
    const env = { PATH: process.env.PATH, HOME: folder, DATA_DIR: join(folder, 'data'), ROLECALL_ACTOR: 'ann' }
    this.child = spawn(process.execPath, [SHIM, ...words], {
      cwd: folder,
      env: { ...env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.err += text
    })
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => {
        rmSync(folder, { recursive: true, force: true })
        resolve(code)
      })
    })
  }

  /** Resolves once this was said on standard error. */
  async says(text: string): Promise<void> {
    await vi.waitUntil(() => this.err.includes(text), { timeout: 20_000, interval: 20 })
  }
}

/** The bot's side of a database: it is alive, knows one guild, and takes what is ordered. */
export class BotSide {
  readonly database: Database
  readonly guildId: string
  readonly book: ReturnType<typeof bookOf>

  constructor(database: Database, guildId: string) {
    this.database = database
    this.guildId = guildId
    this.book = bookOf(database.db)
  }

  static async open(url: string, guildId: string): Promise<BotSide> {
    const side = new BotSide(await openDatabase({ url, dataDir: tmpdir(), log: () => {} }), guildId)
    await side.book.rememberGuild(guildId, 'Example', Date.now())
    await side.live()
    return side
  }

  /** Alive for as long as a test may take, under a term of its own. */
  async live(term = 1): Promise<void> {
    await this.database.sql`
      insert into leadership (guild_id, term, holder, since, beat_at, held)
      values ('installation', ${term}, gen_random_uuid(), now(), now() + interval '1 hour', true)
      on conflict (guild_id) do update set term = excluded.term, beat_at = excluded.beat_at, held = true`
  }

  /** Gone without a word. */
  async die(): Promise<void> {
    await this.database.sql`update leadership set beat_at = now() - interval '11 seconds'`
  }

  /** The next order that somebody places. */
  async take(): Promise<Order> {
    let order: Order | undefined
    await vi.waitUntil(
      async () => {
        order = (await this.book.takeOrders(Date.now(), 1))[0]
        return order !== undefined
      },
      { timeout: 20_000, interval: 20 },
    )
    return order!
  }

  note(order: Order, reply: object): Promise<void> {
    return this.book.noteProgress(order.guildId, order.id, reply, Date.now())
  }

  answer(order: Order, reply: object, refused = false): Promise<void> {
    return this.book.answerOrder(order.guildId, order.id, reply, refused, Date.now())
  }

  async states(): Promise<readonly string[]> {
    const rows = await this.database.sql`select state from orders order by at`
    return rows.map(({ state }) => String(state))
  }
}
