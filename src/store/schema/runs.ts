import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
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
    purpose: text().notNull().default('audit'),
    /** `role:<id>`, `source:<name>`, `run:<id>`; null where a person or the clock asked. */
    cause: bytes(),
    onlyMember: bytes(),
    onlyRole: bytes(),
    deadlineAt: moment(),
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
    // Live acts and what a role edit sets off do not wait for a sweep that may take hours.
    uniqueIndex('runs_one_under_way')
      .on(table.guildId)
      .where(sql`state in ('pending', 'running') and purpose in ('audit', 'undo')`),
    uniqueIndex('runs_one_live').on(table.guildId).where(sql`state in ('pending', 'running') and purpose = 'live'`),
    index('runs_under_way').on(table.guildId).where(sql`state in ('pending', 'running')`),
    index('runs_newest').on(table.guildId, table.startedAt.desc()),
    check(
      'runs_state',
      sql`state in ('pending', 'running', 'completed', 'failed', 'interrupted', 'awaiting_approval', 'abandoned')`,
    ),
    check('runs_purpose', sql`purpose in ('audit', 'group', 'live', 'undo', 'retry')`),
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
    // That its run is there is seen to where a plan is stored, and that it goes with its run by a trigger: a foreign key would be looked up for each of a million findings.
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
    /** Of the runs that the person may start in 24 hours, those that they had, this one among them where it was one; null where it does not count. */
    quotaUsed: integer(),
    /** Null: no limit, or it does not count. */
    quotaLimit: integer(),
    /** Null where it was not refused. */
    refusedBy: text(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.interactionId] }),
    index('invocations_of_actor').on(table.guildId, table.actor, table.at),
    index('invocations_in_time').on(table.guildId, table.at, table.interactionId),
    index('invocations_of_command').on(table.guildId, table.command, table.at, table.interactionId),
    index('invocations_of_outcome').on(table.guildId, table.outcome, table.at, table.interactionId),
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
    /** Null for a kick; of a bulk removal the first of `roleIds`. */
    roleId: bytes(),
    roleIds: text().array().notNull().default([]),
    /** False for what a person or a policy gives; the blast radius counts what is taken. */
    destroys: boolean().notNull().default(true),
    /** True where nobody asked: schedule and realtime. */
    unattended: boolean().notNull().default(false),
    actor: text().notNull(),
    at: moment().notNull(),
    settledAt: moment(),
    outcome: text(),
    detail: text(),
    /** The term of the process that wrote it: what an earlier term left open is settled by looking. */
    term: bigint({ mode: 'number' }).notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.id] }),
    index('intents_open').on(table.guildId, table.at).where(sql`settled_at is null`),
    index('intents_of_run').on(table.guildId, table.runId, table.at, table.id),
    index('intents_of_member').on(table.guildId, table.memberId, table.at),
    index('intents_unattended').on(table.guildId, table.at).where(sql`unattended and destroys`),
    check('intents_settled', sql`(settled_at is null) = (outcome is null)`),
  ],
)

/** Requests that started something, each known again when it comes twice, for as long as its own life and not the run's. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    guildId: bytes().notNull(),
    key: bytes().notNull(),
    runId: bytes().notNull(),
    at: moment().notNull(),
    expiresAt: moment().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.key] }),
    index('idempotency_keys_expiry').on(table.expiresAt),
  ],
)

/** A human has seen the plan with this digest and lets its run do it, for a time. */
export const approvals = pgTable(
  'approvals',
  {
    guildId: bytes().notNull(),
    digest: bytes().notNull(),
    runId: bytes().notNull(),
    actor: text().notNull(),
    at: moment().notNull(),
    expiresAt: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.digest] })],
)

/** Kicks that failed for a passing reason and are tried again. */
export const retries = pgTable(
  'retries',
  {
    guildId: bytes().notNull(),
    memberId: bytes().notNull(),
    /** The run that wanted it, whose rules hold for the next try. */
    runId: bytes().notNull(),
    tries: integer().notNull(),
    notBefore: moment().notNull(),
    detail: text(),
  },
  (table) => [primaryKey({ columns: [table.guildId, table.memberId] }), index('retries_due').on(table.notBefore)],
)

/** What a console asks the running bot to do, and what came of it. */
export const orders = pgTable(
  'orders',
  {
    guildId: bytes().notNull(),
    id: uuid().notNull(),
    at: moment().notNull(),
    actor: text().notNull(),
    command: text().notNull(),
    subcommand: text(),
    options: jsonb().notNull(),
    /** `waiting`, `taken`, `answered`, or `given_up` where whoever asked went away. */
    state: text().notNull(),
    /** The last answer that was given while it was worked on, and at the end; in the form of a command's reply. */
    reply: jsonb(),
    /** True where the reply is a refusal. */
    refused: boolean().notNull().default(false),
    seenAt: moment(),
  },
  (table) => [
    primaryKey({ columns: [table.guildId, table.id] }),
    index('orders_waiting').on(table.at).where(sql`state = 'waiting'`),
    check('orders_state', sql`state in ('waiting', 'taken', 'answered', 'given_up')`),
  ],
)
