import { randomBytes } from 'node:crypto'
import type { Config } from '#src/config.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import type { Book } from '#src/store/book.ts'
import { type Database, openDatabase } from '#src/store/database.ts'
import { StoreFault } from '#src/store/fault.ts'
import { correlationNow } from '#src/telemetry/context.ts'
import type { Log } from '#src/telemetry/log.ts'
import { type Append, makeAppend } from '#src/trail/append.ts'
import { damageWords, findDamage } from '#src/trail/damage.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'
import { ActingBook } from './acting-book.ts'

/** The durable side: the database, the book that is kept in it, and ids for what it holds. */
export interface Record {
  readonly database: Database
  readonly book: ActingBook
  readonly append: Append
  /** Resolves where nothing can be recorded any more, or another bot may act in this one's place. */
  readonly lost: Promise<StoreFault>
  /** False from the moment at which another bot may act. */
  mayAct(): boolean
  /** A new uuid v7. */
  newId(): string
  /** Calls `told` whenever something is about to stand in the record, just before it is committed. */
  onAppend(told: () => void): void
}

export interface Standby {
  /** Ends the standing by. */
  readonly signal?: AbortSignal
  /** Another bot acts on this database; told once. Throws where it is not to be waited for. */
  readonly onStandby?: () => void
}

/**
 * Opens the database, brings it up to this program, stands by until no other bot acts on it, and ends what an earlier process left open.
 * Throws `StoreFault`, and the signal's reason.
 */
export async function openRecord(config: Config, log: Log, standby: Standby = {}): Promise<Record> {
  if (config.databaseUrl === null) {
    log.info(
      { dataDir: config.dataDir },
      'No DATABASE_URL: the record is kept by the embedded engine in this folder. It survives a crash of the program, but not a loss of power; for a real server use PostgreSQL, and back the folder up.',
    )
  }
  const database = await openDatabase({
    ...(config.databaseUrl === null ? {} : { url: config.databaseUrl }),
    ...(config.migrateUrl === null ? {} : { migrateUrl: config.migrateUrl }),
    dataDir: config.dataDir,
    log: (line) => log.info({}, line),
  })
  try {
    await mustBeThere(database)
    return await recordIn(database, log, standby)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function recordIn(database: Database, log: Log, { signal, onStandby }: Standby): Promise<Record> {
  const ids = new Uuid7(Date.now, randomBytes)
  const newId = () => ids.next()
  const write = makeAppend(newId, correlationNow)
  const listeners: (() => void)[] = []
  const append: Append = async (tx, drafts, at) => {
    const lines = await write(tx, drafts, at)
    for (const told of listeners) told()
    return lines
  }
  const leadership = await database.lead({
    append,
    ...(signal && { signal }),
    onStandby: (since) => {
      log.info(
        { since },
        'Another rolecall acts on this database. This one stands by, and takes over when that one ends or falls silent.',
      )
      onStandby?.()
    },
  })
  log.info({ term: leadership.term }, 'This bot acts on this database from now on.')
  const copies = database.kind === 'server'
  const parts = { db: database.db, append, copies, readSettings, writeSettings, term: () => leadership.term }
  const book = new ActingBook(parts, log)
  // Another bot may have acted for days until this one's turn came.
  await mustBeThere(database)
  await endWhatWasCutOff(book, log)
  const lost = Promise.race([database.lost, leadership.lost])
  const onAppend = (told: () => void) => void listeners.push(told)
  return { database, book, append, lost, mayAct: () => leadership.mayAct(), newId, onAppend }
}

/** Throws a `StoreFault` where the end of the record is gone: what is done next would stand on nothing that can be trusted. */
async function mustBeThere({ db }: Database): Promise<void> {
  const damage = await findDamage(db)
  if (damage.length === 0) return
  throw new StoreFault(
    [
      "The record in the database was altered behind the bot's back, and the bot does not start on a record that cannot be trusted:",
      ...damage.slice(0, DAMAGE_SHOWN).map((one) => `  ${damageWords(one)}.`),
      ...(damage.length > DAMAGE_SHOWN ? [`  And ${damage.length - DAMAGE_SHOWN} servers more.`] : []),
      'Keep a copy of the database as it is, find out who can write there, and put a backup back. To go on with what is left: rolecall trail go-on',
    ].join('\n'),
  )
}

const DAMAGE_SHOWN = 5

/** Runs that an earlier process left open are over: nobody is at work on them. */
async function endWhatWasCutOff(book: Book, log: Log): Promise<void> {
  for (const run of await book.interruptStale(Date.now())) {
    log.warn({ run: run.id, guildId: run.guildId }, 'a run of an earlier process was cut off; it is now interrupted')
  }
}
