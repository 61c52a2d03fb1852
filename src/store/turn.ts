import postgres, { type Options, type Sql } from 'postgres'
import { codeOf, StoreFault } from './fault.ts'

// One bot at a time works on a database of a server. It holds an advisory lock of its session, which the server gives up with the
// connection, however the process ends; so the connection is its own, is never made anew, and is watched.

export interface Turn {
  /** Resolves where the turn was lost without having been given back: another bot may be at work from now on. */
  readonly lost: Promise<StoreFault>
  release(): Promise<void>
}

export interface Patience {
  /** How long to wait for another bot to go: the one that was just replaced may still be on its way out. */
  readonly waitMs: number
  /** How often the turn is looked at. */
  readonly beatMs: number
  /** How long the server may take to answer such a look. */
  readonly answerMs: number
}

/** A look and its answer take less than the 60 s after which the server gives a silent connection up: the bot stops before another one starts. */
const PATIENCE: Patience = { waitMs: 5_000, beatMs: 10_000, answerMs: 30_000 }
const SILENT_SECONDS = { idle: 30, interval: 10, count: 3 }
const CLOSE_SECONDS = 1
const LOCK_NOT_AVAILABLE = '55P03'

const GONE =
  'The connection by which this bot had the database to itself was lost, so another bot may be at work by now. This one ends, so that there are never two; see that the database server is well, and start it again.'

/** Takes the database (of several installations in one, the schema) for this process alone. Throws `StoreFault` where another bot has it. */
export async function takeTurn(
  url: string,
  common: Options<Record<string, never>>,
  patience: Patience = PATIENCE,
): Promise<Turn> {
  const closed = Promise.withResolvers<void>()
  const sql = postgres(url, {
    ...common,
    max: 1,
    max_lifetime: null,
    idle_timeout: 0,
    onclose: () => closed.resolve(),
  })
  try {
    await outliveSilence(sql)
    await lock(sql, patience.waitMs)
  } catch (error) {
    await sql.end({ timeout: CLOSE_SECONDS })
    throw error
  }
  return watch(sql, closed.promise, patience)
}

/** The server notices a client that vanished without a word, and does not end a session that only holds a lock. */
async function outliveSilence(sql: Sql): Promise<void> {
  const { idle, interval, count } = SILENT_SECONDS
  await sql`select set_config('tcp_keepalives_idle', ${String(idle)}, false),
    set_config('tcp_keepalives_interval', ${String(interval)}, false),
    set_config('tcp_keepalives_count', ${String(count)}, false),
    set_config('idle_session_timeout', '0', false)`
}

async function lock(sql: Sql, waitMs: number): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(waitMs)}, false)`
  try {
    await sql`select pg_advisory_lock(${key(sql)})`
  } catch (error) {
    throw codeOf(error) === LOCK_NOT_AVAILABLE ? new StoreFault(await taken(sql)) : error
  }
}

/** Any fixed number for each schema, the same for every version of this program. */
const key = (sql: Sql) => sql`hashtextextended('rolecall bot of ' || current_schema(), 0)`

const holders = (sql: Sql) => sql`
  select pid from pg_locks where locktype = 'advisory' and granted and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())
    and (classid::bigint << 32) | objid::bigint = ${key(sql)}`

async function taken(sql: Sql): Promise<string> {
  const [row] = await sql`select current_database() as name,
    (select to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from pg_stat_activity
      where pid in (${holders(sql)}) limit 1) as since`
  const since = row?.since ? `, since ${row.since} UTC` : ''
  return `Another rolecall works on this database (${row?.name}${since}). Stop it first, or give this one another database.`
}

function watch(sql: Sql, closed: Promise<void>, { beatMs, answerMs }: Patience): Turn {
  const lost = Promise.withResolvers<StoreFault>()
  let over = false
  const end = () => {
    over = true
    clearTimeout(timer)
    return sql.end({ timeout: CLOSE_SECONDS })
  }
  const lose = () => {
    if (over) return
    lost.resolve(new StoreFault(GONE))
    void end()
  }
  const beat = async () => {
    if (!(await isHeld(sql, answerMs))) lose()
    if (!over) timer = setTimeout(beat, beatMs).unref()
  }
  let timer = setTimeout(beat, beatMs).unref()
  void closed.then(lose)
  return { lost: lost.promise, release: async () => void (over || (await end())) }
}

/** False too where the server does not answer in time, or answers by another session than the one that took the lock. */
async function isHeld(sql: Sql, answerMs: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => late.resolve(false), answerMs).unref()
  const asked = sql`select from (${holders(sql)}) as held where pid = pg_backend_pid()`.then(
    (rows) => rows.length > 0,
    () => false,
  )
  return Promise.race([asked, late.promise]).finally(() => clearTimeout(timer))
}
