import { boolean, foreignKey, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, moment } from './columns.ts'

// The native identity database: people, what they belong to, and which Discord and other accounts are theirs.
// Names are compared byte by byte. Whoever deletes a person deletes their links with them: a link to nobody would be a claim by nobody.

export const identityGroups = pgTable(
  'identity_groups',
  { guildId: bytes().notNull(), name: bytes().notNull() },
  (table) => [primaryKey({ columns: [table.guildId, table.name] })],
)

export const identityStates = pgTable(
  'identity_states',
  { guildId: bytes().notNull(), name: bytes().notNull() },
  (table) => [primaryKey({ columns: [table.guildId, table.name] })],
)

export const identityReservedNames = pgTable(
  'identity_reserved_names',
  { guildId: bytes().notNull(), name: bytes().notNull() },
  (table) => [primaryKey({ columns: [table.guildId, table.name] })],
)

export const identityPeople = pgTable(
  'identity_people',
  {
    guildId: bytes().notNull(),
    id: bytes().notNull(),
    username: text().notNull(),
    active: boolean().notNull(),
    superuser: boolean().notNull(),
    /** The permission alone; what follows from it is decided in the core. */
    access: boolean().notNull(),
    state: bytes(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.id] })],
)

export const identityMemberships = pgTable(
  'identity_memberships',
  { guildId: bytes().notNull(), personId: bytes().notNull(), groupName: bytes().notNull() },
  (table) => [
    primaryKey({ columns: [table.guildId, table.personId, table.groupName] }),
    foreignKey({
      name: 'identity_memberships_of_person',
      columns: [table.guildId, table.personId],
      foreignColumns: [identityPeople.guildId, identityPeople.id],
    }).onDelete('cascade'),
    index('identity_memberships_in_group').on(table.guildId, table.groupName),
  ],
)

/** Two people may claim one Discord id; that is a conflict to be found, not an error to be refused. */
export const identityLinks = pgTable(
  'identity_links',
  { guildId: bytes().notNull(), discordId: bytes().notNull(), personId: bytes().notNull() },
  (table) => [
    primaryKey({ columns: [table.guildId, table.discordId, table.personId] }),
    foreignKey({
      name: 'identity_links_of_person',
      columns: [table.guildId, table.personId],
      foreignColumns: [identityPeople.guildId, identityPeople.id],
    }).onDelete('cascade'),
    index('identity_links_by_person').on(table.guildId, table.personId),
  ],
)

export const identityAccounts = pgTable(
  'identity_accounts',
  {
    guildId: bytes().notNull(),
    personId: bytes().notNull(),
    accountId: bytes().notNull(),
    name: text().notNull(),
    organisation: text(),
    parentOrganisation: text(),
    main: boolean().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.personId, table.accountId] }),
    foreignKey({
      name: 'identity_accounts_of_person',
      columns: [table.guildId, table.personId],
      foreignColumns: [identityPeople.guildId, identityPeople.id],
    }).onDelete('cascade'),
  ],
)

/**
 * What a guild's people are at, but for their accounts: another version, other people. The database itself writes a new one with every change to the
 * tables above (see the migration), at random, so that none ever comes again: not after a restore, not after a change was undone.
 */
export const identityVersions = pgTable('identity_versions', {
  guildId: bytes().primaryKey(),
  version: uuid().notNull(),
})

/** Each import that was applied: what it came to, and the digest of the people that it left. */
export const identityImports = pgTable(
  'identity_imports',
  {
    guildId: bytes().notNull(),
    id: uuid().notNull(),
    at: moment().notNull(),
    actor: text().notNull(),
    counts: jsonb().notNull(),
    digest: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.id] }),
    index('identity_imports_newest').on(table.guildId, table.at.desc()),
  ],
)
