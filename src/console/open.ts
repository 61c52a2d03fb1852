import { randomBytes } from 'node:crypto'
import type { Config } from '#src/config.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { type Book, makeBook } from '#src/store/book.ts'
import { openDatabase } from '#src/store/database.ts'
import { correlationNow } from '#src/telemetry/context.ts'
import { type Append, makeAppend } from '#src/trail/append.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'
import { err, out } from './lines.ts'
import type { SettingsWorld } from './settings.ts'

/** What most console commands need, opened for the time of one command and closed after it. */
export interface OpenWorld extends SettingsWorld {
  readonly book: Book
  readonly append: Append
}

/** Opens the store, runs the command, and closes the store whatever comes. Throws `StoreFault` where it cannot be opened. */
export async function withStore<T>(config: Config, command: (world: OpenWorld) => Promise<T>): Promise<T> {
  const database = await openDatabase({
    ...(config.databaseUrl === null ? {} : { url: config.databaseUrl }),
    ...(config.migrateUrl === null ? {} : { migrateUrl: config.migrateUrl }),
    dataDir: config.dataDir,
    log: err,
  })
  try {
    const ids = new Uuid7(Date.now, randomBytes)
    const append = makeAppend(() => ids.next(), correlationNow)
    const copies = database.kind === 'server'
    const book = makeBook({ db: database.db, append, copies, readSettings, writeSettings })
    const guildIds = await book.guildIds()
    return await command({
      db: database.db,
      append,
      book,
      out,
      err,
      now: Date.now,
      actor: `cli:${config.consoleName}`,
      guildIds,
    })
  } finally {
    await database.close()
  }
}
