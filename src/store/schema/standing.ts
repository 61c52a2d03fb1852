import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, moment } from './columns.ts'

// How things stand between the bot and a guild: what it leaves alone and why, who may ask it for what, when it looks, whom it tells.

/** Roles (and `kick`) that Discord refused to let the bot touch. */
export const quarantines = pgTable(
  'quarantines',
  {
    guildId: bytes().notNull(),
    /** A role's id, or `kick`. */
    what: bytes().notNull(),
    detail: text().notNull(),
    runId: bytes(),
    at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.what] })],
)

/** Members and roles about which something else does not give way. */
export const contests = pgTable(
  'contests',
  {
    guildId: bytes().notNull(),
    memberId: bytes().notNull(),
    roleId: bytes().notNull(),
    /** Null where nobody could be found. */
    grantorId: bytes(),
    times: integer().notNull(),
    at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.memberId, table.roleId] })],
)

/** Governed roles that were given to somebody who had not earned them, with the giver where that could be found. */
export const grants = pgTable(
  'grants',
  {
    guildId: bytes().notNull(),
    id: uuid().notNull(),
    at: moment().notNull(),
    memberId: bytes().notNull(),
    roleId: bytes().notNull(),
    grantorId: bytes(),
    /** `event`, `query`, or `none`. */
    by: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.id] }),
    index('grants_by_grantor').on(table.guildId, table.grantorId, table.at),
    index('grants_of_member').on(table.guildId, table.memberId, table.roleId, table.at),
  ],
)

/** Guilds whose identity source is not to be trusted at present; the row goes when the truth is back. */
export const blindness = pgTable('blindness', {
  guildId: bytes().primaryKey(),
  source: text().notNull(),
  since: moment().notNull(),
  why: jsonb().notNull(),
  problem: text(),
})

/** What a role was granted to ask of the bot. */
export const capabilityGrants = pgTable(
  'capability_grants',
  {
    guildId: bytes().notNull(),
    capability: bytes().notNull(),
    roleId: bytes().notNull(),
    at: moment().notNull(),
    actor: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.capability, table.roleId] })],
)

/** When the bot looks by itself and where it posts, one row a name; what a verdict rests on is in `settings`. */
export const arrangements = pgTable(
  'arrangements',
  {
    guildId: bytes().notNull(),
    name: bytes().notNull(),
    value: jsonb().notNull(),
    at: moment().notNull(),
    actor: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.name] })],
)

/** When the next scheduled look is due, kept so that one that was missed is made up for. */
export const scheduleSlots = pgTable('schedule_slots', {
  guildId: bytes().primaryKey(),
  expression: text().notNull(),
  nextAt: moment().notNull(),
  lastStartedAt: moment(),
})

/** Members who want the notices by direct message. */
export const subscriptions = pgTable(
  'subscriptions',
  { guildId: bytes().notNull(), memberId: bytes().notNull(), at: moment().notNull() },
  (table) => [primaryKey({ columns: [table.guildId, table.memberId] })],
)

/** Who acts: one row an installation (its `guildId` is that of the trail's own chain). A newer term ends the right of every older one. */
export const leadership = pgTable('leadership', {
  guildId: bytes().primaryKey(),
  term: bigint({ mode: 'number' }).notNull(),
  holder: uuid().notNull(),
  since: moment().notNull(),
  beatAt: moment().notNull(),
  /** False once the holder has gone of its own accord. */
  held: boolean().notNull(),
})

/** Accounts of which a person has said whose they are, where the identity source does not. */
export const manualLinks = pgTable(
  'manual_links',
  {
    guildId: bytes().notNull(),
    discordId: bytes().notNull(),
    /** The source's own id of a person, who may be gone from it by now. */
    identityId: bytes().notNull(),
    /** In another source the same id is somebody else. */
    source: bytes().notNull(),
    reason: text().notNull(),
    actor: text().notNull(),
    at: moment().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.discordId] }),
    index('manual_links_of_identity').on(table.guildId, table.identityId),
  ],
)
