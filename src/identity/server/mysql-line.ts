import type { Socket } from 'node:net'
import type { Connection } from 'mysql2'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Trust } from './dial.ts'
import type { ByteFields } from './fields.ts'
import type { Line, LineParts } from './line.ts'
import { Loss } from './loss.ts'
import { openConnection, readRows } from './mysql-connection.ts'
import { mysqlTrouble, warningKind } from './mysql-troubles.ts'
import { placed } from './placeholders.ts'
import type { Fields } from './server.ts'

/** By their defaults some of these cut an answer short without a word; a server may also have been told to. */
const SETTINGS = `sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', group_concat_max_len = 16777216,
  sql_select_limit = 18446744073709551615, sql_big_selects = 1, sql_auto_is_null = 0`
/** How long the server waits for the next question, so that a bot that vanished does not hold on to a moment for long. */
const IDLE_SECONDS = 90

type Row = readonly (string | null)[]

/** A connection to MariaDB or MySQL over a way that is open already. */
export class MysqlLine implements Line {
  readonly #parts: LineParts
  readonly #socket: Socket
  readonly #connection: Connection
  readonly #loss = new Loss()
  #isOpen = false
  #isMariaDb = false
  #limit = 0

  constructor(parts: LineParts, socket: Socket, trust: Trust | null) {
    this.#parts = parts
    this.#socket = socket
    const lose = (error: unknown) => this.drop(this.#told(error))
    this.#connection = openConnection(parts.settings.address, socket, trust, lose)
    this.#connection.on('error', lose)
    socket.once('close', () => lose(Object.assign(new Error('closed'), { code: 'PROTOCOL_CONNECTION_LOST' })))
  }

  get isGone(): boolean {
    return this.#loss.why !== null
  }

  hold<T>(work: Promise<T>): Promise<T> {
    return this.#loss.hold(work)
  }

  /** Resolves when the server has let us in and takes and gives text as we do. */
  async greet(): Promise<void> {
    const [row] = await this.#all('select version()')
    this.#isOpen = true
    this.#isMariaDb = /mariadb/i.test(row?.[0] ?? '')
    await this.#all('set names utf8mb4')
    // Half as long as for a question, so that a lock is named as what it is.
    const lockSeconds = Math.ceil(this.#parts.limits.questionMs / 2_000)
    await this.#all(`set session ${SETTINGS}, lock_wait_timeout = ${lockSeconds}, wait_timeout = ${IDLE_SECONDS}`)
    // For the whole session: MariaDB ends a transaction of its own accord before it alters a table, and would alter it then.
    await this.#all('set session transaction isolation level repeatable read, read only')
  }

  async begin(): Promise<void> {
    await this.limit(this.#parts.limits.questionMs)
    await this.#all('start transaction with consistent snapshot, read only')
  }

  async limit(ms: number): Promise<void> {
    if (ms === this.#limit) return
    await this.#all(
      this.#isMariaDb ? `set session max_statement_time = ${ms / 1_000}` : `set session max_execution_time = ${ms}`,
    )
    this.#limit = ms
  }

  async rows(question: string, values: readonly string[], onRow: (row: Row) => void): Promise<void> {
    // As numbers, so that no setting of the server for quotes and backslashes can make anything else of a value.
    const text = placed(question, values, (index) => `_utf8mb4 x'${Buffer.from(values[index]!).toString('hex')}'`)
    await this.#read(text, (fields) => onRow(textsOf(fields)))
  }

  each(question: string, onRow: (fields: Fields) => void): Promise<void> {
    return this.#read(question, onRow)
  }

  async commit(): Promise<void> {
    await this.#all('commit')
  }

  drop(error: unknown): void {
    this.#loss.lose(error)
    this.#connection.destroy()
    this.#socket.destroy()
  }

  end(): void {
    this.#loss.lose(this.#parts.troubles.say('closed'))
    this.#connection.end(() => {})
    this.#socket.unref()
  }

  async #read(question: string, onRow: (fields: ByteFields) => void): Promise<void> {
    const warnings = await this.#held(readRows(this.#connection, question, onRow))
    if (warnings > 0) await this.#heed()
  }

  async #all(question: string): Promise<readonly Row[]> {
    const rows: Row[] = []
    await this.#held(readRows(this.#connection, question, (fields) => rows.push(textsOf(fields))))
    return rows
  }

  /** What was cut short is no error to these servers, only a warning that nobody need read. */
  async #heed(): Promise<void> {
    for (const [, number] of await this.#all('show warnings')) {
      const kind = warningKind(Number(number))
      if (kind !== null) throw this.#parts.troubles.say(kind, { code: number ?? undefined })
    }
  }

  async #held<T>(work: Promise<T>): Promise<T> {
    try {
      return await this.#loss.hold(work)
    } catch (error) {
      throw this.#loss.why ? this.#loss.why.error : this.#told(error)
    }
  }

  #told(error: unknown): Error {
    if (error instanceof DirectoryUnreachable) return error
    const { troubles, limits } = this.#parts
    const { kind, ...detail } = mysqlTrouble(error, this.#isOpen)
    const isLong = this.#limit === limits.readingMs && kind === 'slow'
    return troubles.say(isLong ? 'slow answer' : kind, { seconds: this.#limit / 1_000, ...detail })
  }
}

const textsOf = (fields: ByteFields): Row => Array.from({ length: fields.count }, (_, column) => fields.text(column))
