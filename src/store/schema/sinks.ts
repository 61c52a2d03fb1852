import { sql } from 'drizzle-orm'
import { bigint, check, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, moment } from './columns.ts'

// How far each sink has got with the record, and what it would not take. Of the record and its readers only this is ever updated.

/** One row: the name by which others know this installation, made once. */
export const installations = pgTable('installations', { guildId: bytes().primaryKey(), id: uuid().notNull() }, () => [
  check('installations_one', sql`guild_id = 'installation'`),
])

/** Every sink that there ever was. `guildId` is always `installation`: a sink is nobody's in particular. */
export const sinkStates = pgTable(
  'sink_states',
  {
    guildId: bytes().notNull(),
    sink: bytes().notNull(),
    /** When it was first seen: chains that were there by then begin at their end of that time, later ones at their first line. */
    since: moment().notNull(),
    /** Null: it is not switched off. */
    offSince: moment(),
    offWhy: text(),
    /** The last thing that went wrong; null since it has taken something again. */
    trouble: text(),
    troubledSince: moment(),
    /** When somebody last asked for another try. */
    retriedAt: moment(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.sink] })],
)

export const sinkCursors = pgTable(
  'sink_cursors',
  {
    guildId: bytes().notNull(),
    sink: bytes().notNull(),
    /** The last line of the chain that is delivered, parked, or none of this sink's. */
    seq: bigint({ mode: 'number' }).notNull(),
    /** When it last took something of this chain. */
    deliveredAt: moment(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.sink] }), check('sink_cursors_seq', sql`seq >= 0`)],
)

/** Lines that a sink refused for good; they stay until somebody has them tried again or drops them. */
export const parkedLines = pgTable(
  'parked_lines',
  {
    guildId: bytes().notNull(),
    sink: bytes().notNull(),
    seq: bigint({ mode: 'number' }).notNull(),
    lineId: uuid().notNull(),
    reason: text().notNull(),
    at: moment().notNull(),
    /** Since when it is to be tried again; null where nobody asked for that. */
    wantedAt: moment(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.sink, table.seq] })],
)
