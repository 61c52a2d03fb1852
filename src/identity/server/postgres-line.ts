import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import postgres, { type Sql } from 'postgres'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import { CopyRows } from './copy-rows.ts'
import { CopyTap } from './copy-tap.ts'
import { letGoBetween } from './dial.ts'
import { toText } from './fields.ts'
import type { Line, LineParts } from './line.ts'
import { Loss } from './loss.ts'
import { placed } from './placeholders.ts'
import { lastWords, postgresTrouble } from './postgres-troubles.ts'
import type { Fields } from './server.ts'

/** The driver takes it as it is, and the server works out by itself of what type it is, as of a text in quotes. */
const UNKNOWN_TYPE = 705
/** Longer than any error that ends a connection. */
const LAST_BYTES = 2_048
/** How long the server waits for the next question, so that a bot that vanished does not hold on to a moment for long. */
const IDLE_MS = 60_000
const LEAVE_SECONDS = 1

const NOBODY_KNOWS = 2_147_483_647
/**
 * How many seconds a replica is behind; null for a primary, and for a replica that is connected and has made everything of its own that it was sent.
 * Whoever was just given a right on the primary must not lose by an old answer.
 */
const HOW_FAR_BEHIND = `select case when pg_is_in_recovery()
    and (pg_last_wal_receive_lsn() is distinct from pg_last_wal_replay_lsn() or not exists (select from pg_stat_wal_receiver))
  then coalesce(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::int, ${NOBODY_KNOWS}) end as behind`

interface Behind {
  readonly behind: number | null
}

export type OnNotice = (channel: string, payload: string) => void

/** A connection to PostgreSQL over a way that is open already. A connection that was lost is never written to again: the driver would open another. */
export class PostgresLine implements Line {
  readonly #parts: LineParts
  readonly #socket: Socket
  readonly #client: Sql
  readonly #loss = new Loss()
  #isOpen = false
  #limit = 0
  #lastBytes: Buffer = Buffer.alloc(0)

  constructor(parts: LineParts, socket: Socket, onNotice?: OnNotice) {
    this.#parts = parts
    this.#socket = socket
    letGoBetween(socket)
    socket.on('data', (bytes: Buffer) => {
      this.#lastBytes = bytes
    })
    // Why the way itself was given up is told before it closes, and the driver tells it later than that.
    socket.once('error', (error) => error instanceof DirectoryUnreachable && this.#loss.lose(error))
    socket.once('close', () => this.#loss.lose(this.#told(closed(lastWords(this.#lastBytes.subarray(-LAST_BYTES))))))
    this.#client = makeClient(parts, once(socket), onNotice)
  }

  get isGone(): boolean {
    return this.#loss.why !== null
  }

  hold<T>(work: Promise<T>): Promise<T> {
    return this.#loss.hold(work)
  }

  /** Resolves when the server has let us in. */
  async greet(): Promise<void> {
    await this.ask('select 1')
    this.#isOpen = true
  }

  /** The command that the server says it has carried out. */
  async ask(statement: string): Promise<string> {
    return (await this.#held(this.#client.unsafe(statement))).command
  }

  async begin(): Promise<void> {
    const { questionMs } = this.#parts.limits
    this.#limit = questionMs
    // A lock is waited for half as long, so that it is named as what it is. Without row_security a policy for rows would hide people, and who is hidden counts as gone.
    const answers = await this.#held(
      this.#client.unsafe<
        Behind[]
      >(`begin isolation level repeatable read read only; set local statement_timeout = ${questionMs};
      set local lock_timeout = ${Math.ceil(questionMs / 2)}; set local idle_in_transaction_session_timeout = ${questionMs + IDLE_MS};
      set local row_security = off; ${HOW_FAR_BEHIND}`),
    )
    this.#mustBeNear((answers as unknown as readonly Behind[][]).at(-1)?.[0]?.behind ?? null)
  }

  #mustBeNear(seconds: number | null): void {
    const { limits, troubles } = this.#parts
    if (seconds === null || seconds * 1_000 <= limits.behindMs) return
    throw troubles.say(seconds === NOBODY_KNOWS ? 'cut off' : 'behind', { seconds })
  }

  async limit(ms: number): Promise<void> {
    if (ms !== this.#limit) await this.ask(`set local statement_timeout = ${ms}`)
    this.#limit = ms
  }

  async rows(question: string, values: readonly string[], onRow: (row: readonly (string | null)[]) => void) {
    const text = placed(question, values, (index) => `$${index + 1}`)
    const typed = values.map((value) => this.#client.typed(value, UNKNOWN_TYPE))
    const query = this.#client.unsafe(text, typed).raw()
    await this.#held(query.forEach((row) => void onRow(textsOf(row as unknown as Values))))
  }

  async each(question: string, onRow: (fields: Fields) => void): Promise<void> {
    const rows = new CopyRows(onRow)
    const tap = new CopyTap(this.#socket, rows, (error) => this.drop(this.#told(error)))
    const read = Promise.withResolvers<void>()
    const done = Promise.withResolvers<void>()
    const query = this.#client.unsafe(`copy (${question}) to stdout (format text, encoding 'UTF8')`)
    // The driver settles a copy twice, at its beginning and when the server says that it is done; as a promise it shows only the first. An error right
    // behind the beginning is emitted before a promise could tell of it, and would be nobody's.
    const resolve = (answer: unknown) =>
      answer instanceof Readable ? untilEnd(answer, rows).then(read.resolve, read.reject) : done.resolve()
    Object.assign(query, { resolve })
    query.readable().catch(done.reject)
    try {
      await this.#held(Promise.all([read.promise, done.promise]))
    } finally {
      tap.close()
    }
  }

  async commit(): Promise<void> {
    // A transaction in which a question failed is undone by `commit`, which says so only in its answer.
    if ((await this.ask('commit')) !== 'COMMIT') throw this.#parts.troubles.say('other')
  }

  drop(error: unknown): void {
    this.#loss.lose(error)
    this.#socket.destroy()
  }

  end(): void {
    this.#loss.lose(this.#parts.troubles.say('closed'))
    this.#client.end({ timeout: LEAVE_SECONDS }).catch(() => {})
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
    const { kind, ...detail } = postgresTrouble(error, this.#isOpen)
    const isLong = this.#limit === limits.readingMs && kind === 'slow'
    return troubles.say(isLong ? 'slow answer' : kind, { seconds: this.#limit / 1_000, ...detail })
  }
}

type Values = readonly (Buffer | null)[]

const textsOf = (values: Values): readonly (string | null)[] => values.map((value) => value && toText(value))

const closed = (code = 'CONNECTION_CLOSED'): Error => Object.assign(new Error('closed'), { code })

/** The way that is open, once: what the driver asks for later would be a connection that nobody waits for. */
function once(socket: Socket): () => Promise<Socket> {
  let isTaken = false
  return async () => {
    if (isTaken) throw closed()
    isTaken = true
    return socket
  }
}

/** Everything is said, so that the driver takes nothing from the variables that PostgreSQL's own programs read. */
function makeClient(
  { settings: { address } }: LineParts,
  socket: () => Promise<Socket>,
  onNotice: OnNotice = () => {},
): Sql {
  const options = {
    ...{ host: 'localhost', port: address.port, user: address.user, database: address.database },
    // An empty word would be replaced.
    pass: () => address.password,
    ...{ max: 1, prepare: false, fetch_types: false, ssl: false, socket },
    ...{ idle_timeout: 0, max_lifetime: 0, connect_timeout: 0, backoff: false, keep_alive: null },
    connection: { application_name: 'rolecall' },
    onnotice: () => {},
    onnotify: onNotice,
  }
  return postgres(options)
}

/** Resolves at the end of the answer, and rejects where it breaks off. The rows have gone another way, and nothing of them may come by this one. */
function untilEnd(stream: Readable, rows: CopyRows): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('data', () => reject(closed()))
    stream.on('error', reject)
    stream.on('end', () => (rows.whole ? resolve() : reject(closed())))
    // After an end this is too late to matter.
    stream.on('close', () => reject(closed()))
  })
}
