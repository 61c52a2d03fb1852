import { randomBytes } from 'node:crypto'
import type { Config } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { makeRest } from '#src/discord/rest.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { type Book, makeBook } from '#src/store/book.ts'
import { openDatabase } from '#src/store/database.ts'
import { makeAppend } from '#src/trail/append.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'
import type { SettingsWorld } from './settings.ts'

/** What most console commands need, opened for the time of one command and closed after it. */
export interface OpenWorld extends SettingsWorld {
  readonly book: Book
}

const lineTo = (stream: NodeJS.WritableStream) => (line: string) => void stream.write(`${line}\n`)
export const out = lineTo(process.stdout)
export const err = lineTo(process.stderr)

/** Opens the store, runs the command, and closes the store whatever comes. Throws `StoreFault` where it cannot be opened. */
export async function withStore(config: Config, command: (world: OpenWorld) => Promise<number>): Promise<number> {
  const database = await openDatabase({
    ...(config.databaseUrl === null ? {} : { url: config.databaseUrl }),
    dataDir: config.dataDir,
    log: err,
  })
  try {
    const ids = new Uuid7(Date.now, randomBytes)
    const append = makeAppend(() => ids.next())
    const book = makeBook({ db: database.db, append, readSettings, writeSettings })
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

/** The HTTP client of a command that asks Discord; a `Refusal` where no token is set. */
export function restOf(config: Config): ReturnType<typeof makeRest> {
  if (config.token === null)
    throw new Refusal(
      'This asks Discord, and there is no DISCORD_TOKEN. Put the bot’s token into the environment or into .env; `npm start` says where to get one.',
    )
  return makeRest({ token: config.token, apiUrl: config.apiUrl })
}

/** A guild’s id as it was typed. */
export function mustBeGuildId(typed: string): Id {
  if (/^[1-9]\d{0,19}$/.test(typed)) return typed
  throw new Refusal(
    `"${typed.slice(0, 40)}" is not a server’s id. In Discord, switch on Settings → Advanced → Developer Mode, right-click the server’s name, and choose Copy Server ID.`,
  )
}
