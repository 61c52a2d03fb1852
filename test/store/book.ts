import { randomBytes } from 'node:crypto'
import { asc, eq } from 'drizzle-orm'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { type Book, makeBook } from '#src/store/book.ts'
import type { Db } from '#src/store/handle.ts'
import { trail } from '#src/store/schema/trail.ts'
import { makeAppend } from '#src/trail/append.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'

/** A moment to count from: nothing here reads the clock. */
export const AT = Date.parse('2026-11-22T12:00:00Z')
/** So long ago that it may go, by any clock. */
export const LONG_AGO = Date.parse('2020-01-01T00:00:00Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

const ids = new Uuid7(() => AT, randomBytes)
export const newId = (): string => ids.next()
export const append = makeAppend(newId)

export const bookOf = (db: Db, copies = false): Book => makeBook({ db, append, copies, readSettings, writeSettings })

let lastGuild = 1000
/** A guild that no other test has touched. */
export const newGuild = (): string => String(++lastGuild)

/** The lines of a guild's chain, oldest first. */
export const linesOf = (db: Db, guildId: string) =>
  db.select().from(trail).where(eq(trail.guildId, guildId)).orderBy(asc(trail.seq))

export const typesOf = async (db: Db, guildId: string): Promise<string[]> =>
  (await linesOf(db, guildId)).map(({ type }) => type)
