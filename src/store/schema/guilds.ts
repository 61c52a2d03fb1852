import { foreignKey, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytes, moment, octets } from './columns.ts'

// What is known of a guild and what its operators have set. Every table is keyed by guild first.

export const guilds = pgTable('guilds', {
  guildId: bytes().primaryKey(),
  name: text().notNull(),
  firstSeenAt: moment().notNull(),
  seenAt: moment().notNull(),
})

/** One row a setting; a name without a row has its default. */
export const settings = pgTable(
  'settings',
  {
    guildId: bytes().notNull(),
    name: bytes().notNull(),
    value: jsonb().notNull(),
    at: moment().notNull(),
    actor: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.name] })],
)

export const overrides = pgTable(
  'overrides',
  {
    guildId: bytes().notNull(),
    memberId: bytes().notNull(),
    action: text().notNull(),
    /** Null never expires. */
    expiresAt: moment(),
    reason: text().notNull(),
    at: moment().notNull(),
    actor: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.memberId] })],
)

/** What a human has taken upon themselves, by kind: `first_run` lifts the first-run lock. */
export const acknowledgements = pgTable(
  'acknowledgements',
  {
    guildId: bytes().notNull(),
    kind: bytes().notNull(),
    runId: bytes().notNull(),
    actor: text().notNull(),
    at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.kind] })],
)

/** Accepted readings of an identity source, folded into one row an hour; see the truth check, docs/semantics.md section 7. */
export const truthReadings = pgTable(
  'truth_readings',
  {
    guildId: bytes().notNull(),
    source: bytes().notNull(),
    hour: moment().notNull(),
    /** Number by number, the highest of the hour. */
    maxima: jsonb().notNull(),
    /** The newest reading of the hour, as it was. */
    newest: jsonb().notNull(),
    /** The human who accepted it; null where it passed the check by itself. */
    acceptedBy: text(),
    /** When the newest reading of the hour was accepted. */
    at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.source, table.hour] })],
)

/** The last accepted reading of an identity source, whose people are in `accepted_people`: whoever asks later who is missing compares with them. */
export const acceptedSnapshots = pgTable(
  'accepted_snapshots',
  {
    guildId: bytes().notNull(),
    source: bytes().notNull(),
    /** When the source was read. */
    at: moment().notNull(),
    people: integer().notNull(),
    /** Of the parts as they were packed: the same people need not be written again. */
    digest: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.source] })],
)

/** The people of an accepted reading, packed (core/packed-people.ts) and deflated, part by part. */
export const acceptedPeople = pgTable(
  'accepted_people',
  {
    guildId: bytes().notNull(),
    source: bytes().notNull(),
    part: integer().notNull(),
    packed: octets().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.source, table.part] }),
    foreignKey({
      name: 'accepted_people_of_snapshot',
      columns: [table.guildId, table.source],
      foreignColumns: [acceptedSnapshots.guildId, acceptedSnapshots.source],
    }).onDelete('cascade'),
  ],
)
