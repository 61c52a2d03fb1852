import { drizzle } from 'drizzle-orm/postgres-js'
import postgres, { type Sql } from 'postgres'
import { startEngine } from './embedded.ts'
import { StoreFault, toFault } from './fault.ts'
import { CASING, type Db } from './handle.ts'
import { inTime } from './in-time.ts'
import { keepStatements } from './kept-statements.ts'
import { type LeadOptions, Led, lead, leadAlone } from './leadership.ts'
import type { Leadership } from './lease.ts'
import { migrate } from './migrate.ts'
import { OwnConnection } from './own-connection.ts'
import { mayRemoveLines, migrateAsOwner } from './owner.ts'
import { type DriverOptions, openPool } from './server-pool.ts'
import { TEXT_ARRAY } from './text-array.ts'

export interface Database {
  readonly db: Db
  readonly sql: Sql
  readonly kind: 'server' | 'embedded'
  /** Resolves where the embedded engine ends without having been asked; of a server, never: it may come back. */
  readonly lost: Promise<StoreFault>
  /**
   * Stands by until this bot may act, and then leads until it is closed, gives that up, or is followed because nothing was heard of it.
   * What a console command does needs none of this. The embedded engine is one process's from the start, so that nobody stands by.
   */
  lead(options: LeadOptions): Promise<Leadership>
  /** Waits for what is under way, for a few seconds at most. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Absent: the embedded engine in `dataDir`. */
  readonly url?: string
  /** The same database with the user who owns its tables, where the bot's own does not. */
  readonly migrateUrl?: string
  readonly dataDir: string
  /** What an operator should know; never a secret. */
  readonly log: (line: string) => void
  /** How long a server may take to answer at first; 10 where left out. */
  readonly connectSeconds?: number
}

/** The embedded engine has one session behind all its connections, and two of them would mix up their unnamed statements. */
const ENGINE_CONNECTIONS = 1
const CONNECT_SECONDS = 10
const CLOSE_SECONDS = 5
/** Postgres 14 is the oldest release that is still cared for. */
const OLDEST_SERVER = 140_000
/** The embedded engine neither vacuums nor checkpoints by itself: without this its log grew to 545 MB in a day of tests. */
const TIDY_MS = 5 * 60_000

const CANNOT_OPEN =
  'The database cannot be opened. See that DATABASE_URL looks like postgres://user:password@host:5432/database (the characters @ : / # % in a password are written %40 %3A %2F %23 %25), or leave it out for the embedded engine in DATA_DIR.'

/** Opens the database and brings it up to this program. Throws `StoreFault` with what the operator can do. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  try {
    return options.url === undefined ? await openEmbedded(options) : await openServer(options.url, options)
  } catch (error) {
    const fault = toFault(error)
    // Whatever else the driver throws may hold the address that it was given.
    throw fault instanceof StoreFault ? fault : new StoreFault(`${CANNOT_OPEN} (${nameOf(error)})`)
  }
}

async function openServer(url: string, options: DatabaseOptions): Promise<Database> {
  const { connectSeconds = CONNECT_SECONDS } = options
  const first = postgres(url, { ...COMMON, max: 1 })
  try {
    // The driver tries for ever where the other side hangs up before it has answered, so the first answer has a time of its own.
    await inTime(probe(first), connectSeconds * 1_000)
    await bringUp(first, options)
  } finally {
    await first.end({ timeout: 1 })
  }
  const { sql, close: closePool } = openPool(url, COMMON)
  const db = handle(sql)
  const led = new Led((options) => lead({ db, connect: (answerMs) => connectTo(url, answerMs) }, options))
  const close = async () => {
    led.standNoMore()
    try {
      await closePool()
    } finally {
      // Only once nothing is under way any more may another bot begin.
      await led.release()
    }
  }
  return { db, sql, kind: 'server', lost: NEVER, lead: (options) => led.lead(options), close }
}

/** The owner's connection lasts no longer than it is needed. */
async function bringUp(first: Sql, { migrateUrl, log }: DatabaseOptions): Promise<void> {
  if (migrateUrl === undefined) return report(await migrate(first), log)
  const owner = postgres(migrateUrl, { ...COMMON, max: 1 })
  try {
    report(await migrateAsOwner(owner, first), log)
  } finally {
    await owner.end({ timeout: 1 })
  }
  if (await mayRemoveLines(first)) log(STILL_MAY)
}

const STILL_MAY =
  'Warning: the user in DATABASE_URL could still remove lines of the record, since it is a superuser or belongs to the user who owns the tables.'

const connectTo = (url: string, answerMs: number): OwnConnection =>
  new OwnConnection(() => {
    const sql = postgres(url, { ...COMMON, max: 1, max_lifetime: null })
    return { sql, db: handle(sql) }
  }, answerMs)

async function openEmbedded({ dataDir, log }: DatabaseOptions): Promise<Database> {
  const engine = await startEngine(dataDir)
  const sql = postgres({
    ...COMMON,
    path: engine.address,
    user: 'postgres',
    database: 'postgres',
    max: ENGINE_CONNECTIONS,
    // The one session outlives every connection, and so would the statements that each of them had prepared.
    max_lifetime: null,
  })
  try {
    report(await migrate(sql), log)
  } catch (error) {
    await sql.end({ timeout: CLOSE_SECONDS })
    await engine.stop()
    throw error
  }
  const stopTidying = tidyOften(sql, log)
  const db = handle(keepStatements(sql))
  const led = new Led((options) => leadAlone(db, engine.lost, options))
  const close = async () => {
    await led.release()
    await stopTidying()
    await sql.end({ timeout: CLOSE_SECONDS })
    await engine.stop()
  }
  return { db, sql, kind: 'embedded', lost: engine.lost, lead: (options) => led.lead(options), close }
}

const COMMON = {
  connect_timeout: CONNECT_SECONDS,
  onnotice: () => {},
  connection: { application_name: 'rolecall', TimeZone: 'UTC', DateStyle: 'ISO' },
  fetch_types: false,
  types: { texts: TEXT_ARRAY },
} satisfies DriverOptions

const NEVER = new Promise<never>(() => {})

const handle = (sql: Sql): Db => drizzle(sql, { casing: CASING })

async function probe(sql: Sql): Promise<void> {
  const [row] = await sql`
    select current_setting('server_version_num')::int as version, current_setting('server_version') as called,
      current_setting('transaction_read_only') = 'on' or pg_is_in_recovery() as read_only`
  if (Number(row?.version) < OLDEST_SERVER)
    throw new StoreFault(
      `The database server is PostgreSQL ${row?.called}, which is too old. Use PostgreSQL 14 or newer, or leave DATABASE_URL out for the embedded engine.`,
    )
  if (row?.read_only)
    throw new StoreFault(
      'The database is read-only (a standby, or set so), so nothing could be recorded, and what cannot be recorded is not done. Point DATABASE_URL at the primary server, or take the read-only setting away.',
    )
}

function report(tags: readonly string[], log: (line: string) => void): void {
  if (tags.length > 0) log(`Brought the database up to this version: ${tags.join(', ')}.`)
}

/** Tidies on a timer where something was written since; the function it returns does it once more and ends it. */
function tidyOften(sql: Sql, log: (line: string) => void): () => Promise<void> {
  let last = ''
  const tidy = async () => {
    const [row] = await sql`select pg_current_wal_insert_lsn()::text as position`
    if (row?.position === last) return
    await sql.unsafe('vacuum analyze')
    await sql.unsafe('checkpoint')
    const [after] = await sql`select pg_current_wal_insert_lsn()::text as position`
    last = String(after?.position)
  }
  const tryTidy = () => tidy().catch(() => log('The embedded database could not be tidied; it is tried again later.'))
  const timer = setInterval(tryTidy, TIDY_MS).unref()
  return async () => {
    clearInterval(timer)
    await tryTidy()
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown reason')
