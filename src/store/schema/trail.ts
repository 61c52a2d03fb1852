import { sql } from 'drizzle-orm'
import { bigint, check, index, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { SETTING_TYPES } from '#src/core/settings-history.ts'
import { bytes, moment } from './columns.ts'

// The append-only record. A migration of its own lets the database itself refuse to change it.

/** What stands in `guildId` for lines that concern the whole installation; no guild can have this id. */
export const INSTALLATION = 'installation'

const ROLE_HISTORY = sql`type in ('role.added', 'role.removed')`

/** Lines that tell what was set. In words that the planner can hold against those of the indexes. */
export const SETTINGS_HISTORY = sql.raw(`type in (${SETTING_TYPES.map((type) => `'${type}'`).join(', ')})`)
/** By what such a line is kept: the setting's name, or what stands before the dot of its type. */
export const SETTING_KIND = sql`(case when type = 'setting.changed' then subject else split_part(type, '.', 1) end)`

export const trail = pgTable(
  'trail',
  {
    guildId: bytes().notNull(),
    /** 1, 2, 3 … without a gap in each chain. */
    seq: bigint({ mode: 'number' }).notNull(),
    id: uuid().notNull(),
    at: moment().notNull(),
    type: bytes().notNull(),
    actor: bytes().notNull(),
    subject: bytes().notNull(),
    cause: bytes(),
    run: bytes(),
    data: jsonb().notNull(),
    prevHash: text().notNull(),
    hash: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.seq] }),
    uniqueIndex('trail_id').on(table.id),
    index('trail_of_subject').on(table.guildId, table.subject, table.seq),
    index('trail_of_run').on(table.guildId, table.run, table.seq),
    index('trail_in_time').on(table.guildId, table.at),
    // Each way in which the history of roles is asked about, over its lines alone.
    index('role_history_of_member').on(table.guildId, table.subject, table.at, table.seq).where(ROLE_HISTORY),
    index('role_history_of_role').on(table.guildId, sql`(data ->> 'role')`, table.at, table.seq).where(ROLE_HISTORY),
    index('role_history_of_actor').on(table.guildId, table.actor, table.at, table.seq).where(ROLE_HISTORY),
    index('role_history_in_scope')
      .on(table.guildId, sql`(data ->> 'scope') collate "C"`, table.at, table.seq)
      .where(ROLE_HISTORY),
    index('role_history_in_time').on(table.guildId, table.at, table.seq).where(ROLE_HISTORY),
    // The same of what was set.
    index('settings_history_of_kind').on(table.guildId, SETTING_KIND, table.at, table.seq).where(SETTINGS_HISTORY),
    index('settings_history_of_actor').on(table.guildId, table.actor, table.at, table.seq).where(SETTINGS_HISTORY),
    index('settings_history_in_time').on(table.guildId, table.at, table.seq).where(SETTINGS_HISTORY),
    check('trail_guild_id', sql`guild_id = 'installation' or guild_id ~ '^[0-9]+$'`),
    check('trail_seq', sql`seq > 0`),
  ],
)

/** Names and free text of people, apart from the chain so that they can be erased; the line holds sha256(salt ‖ text). */
export const trailTexts = pgTable(
  'trail_texts',
  {
    guildId: bytes().notNull(),
    lineId: uuid().notNull(),
    name: bytes().notNull(),
    /** Hex digits. */
    salt: text().notNull(),
    text: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.lineId, table.name] })],
)

/** The last line of each chain. Its row lock is what puts appends in line. */
export const trailHeads = pgTable('trail_heads', {
  guildId: bytes().primaryKey(),
  seq: bigint({ mode: 'number' }).notNull(),
  hash: text().notNull(),
})

/** Signed checkpoints over the first lines of a chain; append-only too. */
export const trailCheckpoints = pgTable(
  'trail_checkpoints',
  {
    guildId: bytes().notNull(),
    /** Lines of the chain that it is over. */
    size: bigint({ mode: 'number' }).notNull(),
    at: moment().notNull(),
    /** The hash of the last of them. */
    head: text().notNull(),
    /** The roots of the complete subtrees, 64 hex digits each, the largest first: the next checkpoint goes on from them. */
    peaks: text().notNull(),
    /** The signed note, as it is given to others. */
    note: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.size] }), check('trail_checkpoints_size', sql`size > 0`)],
)

/** Up to which line the oldest lines of a chain were removed, under which signed checkpoint; append-only too, and the newest of a chain counts. */
export const trailTruncations = pgTable(
  'trail_truncations',
  {
    guildId: bytes().notNull(),
    /** The number of the last line that was removed; from this and the three below the chain goes on. */
    size: bigint({ mode: 'number' }).notNull(),
    at: moment().notNull(),
    actor: bytes().notNull(),
    /** Lines that were removed, fewer than `size` where some were before. */
    removed: bigint({ mode: 'number' }).notNull(),
    /** As in the checkpoint. */
    head: text().notNull(),
    peaks: text().notNull(),
    note: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.size] }),
    check('trail_truncations_removed', sql`removed > 0`),
  ],
)

/** How far each anchor (a place elsewhere that keeps checkpoints) has been given those of a chain. */
export const trailAnchors = pgTable(
  'trail_anchors',
  {
    guildId: bytes().notNull(),
    /** What kind it is, and a digest of where: another place is another anchor. */
    anchor: bytes().notNull(),
    /** Lines of the newest checkpoint that it was given. */
    size: bigint({ mode: 'number' }).notNull(),
    at: moment().notNull(),
    /** Since when it takes none; null while it does. */
    failingSince: moment(),
    problem: text(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.anchor] })],
)
