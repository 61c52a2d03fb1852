import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, moment } from './columns.ts'

// Whole looks at a guild, what they found, who asked for them, and what was then meant to be done.

export const runs = pgTable(
  'runs',
  {
    guildId: bytes().notNull(),
    id: bytes().notNull(),
    state: text().notNull(),
    trigger: text().notNull(),
    action: text().notNull(),
    actor: text().notNull(),
    mayDestroy: boolean().notNull(),
    /** Typed by a person; the trail keeps only a commitment to it. */
    reason: text(),
    idempotencyKey: bytes().notNull(),
    startedAt: moment().notNull(),
    endedAt: moment(),
    problem: text(),
    rosterState: text(),
    truth: jsonb(),
    policyDigest: text(),
    planDigest: text(),
    counts: jsonb(),
    blast: jsonb(),
    outcomes: jsonb().notNull().default({}),
    ages: jsonb(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.id] }),
    uniqueIndex('runs_idempotency').on(table.guildId, table.idempotencyKey),
    uniqueIndex('runs_one_under_way').on(table.guildId).where(sql`state in ('pending', 'running')`),
    index('runs_newest').on(table.guildId, table.startedAt.desc()),
    check(
      'runs_state',
      sql`state in ('pending', 'running', 'completed', 'failed', 'interrupted', 'awaiting_approval', 'abandoned')`,
    ),
  ],
)

export const findings = pgTable(
  'findings',
  {
    guildId: bytes().notNull(),
    runId: bytes().notNull(),
    /** `shown` after every gate; `planned` as they were before the blast radius, kept only where it closed. */
    phase: text().notNull(),
    memberId: bytes().notNull(),
    identityId: bytes(),
    category: text().notNull(),
    policyAction: text().notNull(),
    decidedBy: text().notNull(),
    gates: text().array().notNull(),
    effectiveAction: text().notNull(),
    kick: boolean().notNull(),
    removeRoles: text().array().notNull(),
    addRoles: text().array().notNull(),
    excessRoles: text().array().notNull(),
    missingRoles: text().array().notNull(),
    unreachableRoles: text().array().notNull(),
    outcome: text(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.runId, table.phase, table.memberId] }),
    foreignKey({
      name: 'findings_of_run',
      columns: [table.guildId, table.runId],
      foreignColumns: [runs.guildId, runs.id],
    }).onDelete('cascade'),
    // Ids have no leading zeros: by length, then by digit, is their order as numbers.
    index('findings_in_order').on(table.guildId, table.runId, table.phase, sql`length(member_id)`, table.memberId),
    check('findings_phase', sql`phase in ('shown', 'planned')`),
  ],
)

/** Everything that was asked of the bot, once for each interaction; what was refused too. */
export const invocations = pgTable(
  'invocations',
  {
    guildId: bytes().notNull(),
    interactionId: bytes().notNull(),
    at: moment().notNull(),
    actor: bytes().notNull(),
    command: text().notNull(),
    subcommand: text(),
    options: jsonb().notNull(),
    /** `open`, `accepted`, `refused`, or `failed` where it came to harm on our side. */
    outcome: text().notNull(),
    why: text(),
    runId: bytes(),
    /** True for what starts work and so counts against the person's quota. */
    counted: boolean().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.interactionId] }),
    index('invocations_of_actor').on(table.guildId, table.actor, table.at),
    check('invocations_outcome', sql`outcome in ('open', 'accepted', 'refused', 'failed')`),
  ],
)

/** One act that was meant, written before it is tried; open until `settledAt`. */
export const intents = pgTable(
  'intents',
  {
    guildId: bytes().notNull(),
    id: uuid().notNull(),
    runId: bytes(),
    kind: text().notNull(),
    memberId: bytes().notNull(),
    roleId: bytes().notNull(),
    actor: text().notNull(),
    at: moment().notNull(),
    settledAt: moment(),
    outcome: text(),
    detail: text(),
    /** The term of the process that leads; an act of an earlier term is not settled by a later one. */
    term: bigint({ mode: 'number' }).notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.id] }),
    index('intents_open').on(table.guildId, table.at).where(sql`settled_at is null`),
    index('intents_of_run').on(table.guildId, table.runId),
    index('intents_of_member').on(table.guildId, table.memberId, table.at),
    check('intents_settled', sql`(settled_at is null) = (outcome is null)`),
  ],
)
