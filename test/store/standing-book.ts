import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import type { Db } from '#src/store/handle.ts'
import { StandingBook } from '#src/store/standing-book.ts'
import { AT, append } from './book.ts'

/** The half of the book that knows nothing of runs. */
export const standingBookOf = (db: Db): StandingBook => new StandingBook({ db, append, readSettings, writeSettings })

/** Who changes something in these tests, and why. The reason is a person's text and must stay out of the lines. */
export const BY = { actor: 'discord:7', reason: 'as agreed on Monday', cause: 'interaction:5', at: AT } as const
