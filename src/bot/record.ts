import { randomBytes } from 'node:crypto'
import type { Config } from '#src/config.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import type { Book } from '#src/store/book.ts'
import { type Database, openDatabase } from '#src/store/database.ts'
import type { StoreFault } from '#src/store/fault.ts'
import type { Log } from '#src/telemetry/log.ts'
import { makeAppend } from '#src/trail/append.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'
import { TellingBook } from './tell.ts'

/** The durable side: the database, the book that is kept in it, and ids for what it holds. */
export interface Record {
  readonly database: Database
  readonly book: Book
  /** Resolves where nothing can be recorded any more, or another bot may be recording too. */
  readonly lost: Promise<StoreFault>
  /** A new uuid v7. */
  newId(): string
}

/** Opens the database, brings it up to this program, takes it for this bot alone, and ends what an earlier process left open. Throws `StoreFault`. */
export async function openRecord(config: Config, log: Log): Promise<Record> {
  if (config.databaseUrl === null) {
    log.info(
      { dataDir: config.dataDir },
      'No DATABASE_URL: the record is kept by the embedded engine in this folder. It survives a crash of the program, but not a loss of power; for a real server use PostgreSQL, and back the folder up.',
    )
  }
  const database = await openDatabase({
    ...(config.databaseUrl === null ? {} : { url: config.databaseUrl }),
    dataDir: config.dataDir,
    log: (line) => log.info({}, line),
  })
  try {
    return await recordIn(database, log)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function recordIn(database: Database, log: Log): Promise<Record> {
  const turn = await database.holdAlone()
  const ids = new Uuid7(Date.now, randomBytes)
  const newId = () => ids.next()
  const book = new TellingBook({ db: database.db, append: makeAppend(newId), readSettings, writeSettings }, log)
  await endWhatWasCutOff(book, log)
  return { database, book, lost: Promise.race([database.lost, turn.lost]), newId }
}

/** Runs that an earlier process left open are over: nobody is at work on them. */
async function endWhatWasCutOff(book: Book, log: Log): Promise<void> {
  for (const run of await book.interruptStale(Date.now())) {
    log.warn({ run: run.id, guildId: run.guildId }, 'a run of an earlier process was cut off; it is now interrupted')
  }
}
