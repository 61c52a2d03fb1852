import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { passwordsIn } from './config/database-address.ts'
import {
  type DatabaseIdentity,
  databaseIdentity,
  identityContradictions,
  identitySource,
  identityTls,
  identityUrl,
  maxPeople,
  pollSeconds,
  timeoutSeconds,
} from './config/identity.ts'
import { readSinks, type SinksRead } from './config/sinks.ts'
import { readSummaryWebhooks, tokensOf } from './config/summary.ts'
import type { SinkSettings } from './core/sink-plan.ts'

// The only reader of the environment. Every fault is told at once, each with what to do; a secret's value is never repeated.

/** Discord's own API, used where DISCORD_API_URL names no other. */
const DISCORD_API = 'https://discord.com/api'

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
const TRUE_OR_FALSE = 'must be true or false.'

const flag = z.enum(['true', 'false'], { error: TRUE_OR_FALSE }).transform((word) => word === 'true')
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number from 1 to 65535, or be left out.')
  .transform(Number)
  .refine((number) => number >= 1 && number <= 65_535, 'must be a port number from 1 to 65535, or be left out.')
const minutes = z
  .string()
  .regex(/^\d{1,4}$/, 'must be a whole number of minutes from 1 to 1440.')
  .transform(Number)
  .refine((number) => number >= 1 && number <= 1_440, 'must be a whole number of minutes from 1 to 1440.')

/** An act can be undone for at least a week. */
const DAYS = 'must be a whole number of days from 7 to 3650, or 0 to keep everything for ever.'
const retentionDays = z
  .string()
  .regex(/^\d{1,4}$/, DAYS)
  .transform(Number)
  .refine((days) => days === 0 || (days >= 7 && days <= 3_650), DAYS)

function isAddress(text: string, schemes: readonly string[]): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol)
}

const serverAddress = (leftOut: string) =>
  z
    .string()
    .refine(
      (text) => isAddress(text, ['postgres:', 'postgresql:']),
      `must look like postgres://user:password@host:5432/database (the characters @ : / # in a password are written %40 %3A %2F %23), or be left out ${leftOut}.`,
    )

const ENVIRONMENT = z.object({
  DISCORD_TOKEN: z
    .string()
    .regex(
      /^\S+$/,
      'holds white space. Copy the token again from the developer portal (Bot → Reset Token), without quotes or line breaks.',
    )
    .optional(),
  DISCORD_API_URL: z
    .string()
    .refine(
      (text) => isAddress(text, ['http:', 'https:']),
      'must be an http or https address such as http://127.0.0.1:4000/api, or be left out for Discord itself.',
    )
    .optional(),
  DATABASE_URL: serverAddress('for the embedded engine').optional(),
  MIGRATE_DATABASE_URL: serverAddress('where the user in DATABASE_URL owns the tables').optional(),
  DATA_DIR: z.string().default('./data'),
  TRAIL_KEY_FILE: z.string().optional(),
  TRAIL_ANCHOR_FILE: z.string().optional(),
  TRAIL_ANCHOR_WEBHOOK: z
    .string()
    .refine(
      (text) => isAddress(text, ['http:', 'https:']),
      'must be an https (or http) address that takes a POST, or be left out.',
    )
    .optional(),
  IDENTITY_SOURCE: identitySource,
  IDENTITY_FILE: z.string().optional(),
  IDENTITY_URL: identityUrl,
  IDENTITY_ADMIN_URL: identityUrl,
  IDENTITY_TLS: identityTls,
  IDENTITY_TLS_CA: z.string().optional(),
  IDENTITY_POLL_SECONDS: pollSeconds,
  IDENTITY_MAX_PEOPLE: maxPeople,
  IDENTITY_TIMEOUT_SECONDS: timeoutSeconds,
  RUN_RETENTION_DAYS: retentionDays.default(180),
  RETENTION_OPT_OUT: flag.default(false),
  LOG_LEVEL: z.enum(LEVELS, { error: `must be one of ${LEVELS.join(', ')}.` }).default('info'),
  ROSTER_FILL: z.enum(['gateway', 'rest'], { error: 'must be gateway (the default) or rest.' }).default('gateway'),
  CHECKSUM_MINUTES: minutes.default(5),
  BULK_STRIP: flag.default(false),
  AUDIT_DEADLINE_MINUTES: minutes.default(60),
  HEALTH_PORT: port.optional(),
  HEALTH_HOST: z.string().default('127.0.0.1'),
  SUMMARY_WEBHOOKS: z.string().optional(),
  ROLECALL_ACTOR: z.string().max(100, 'must be at most 100 characters.').optional(),
  ROLECALL_QUOTA_OPT_OUT: flag.default(false),
  ROLECALL_QUOTA_OPT_OUT_CONFIRM: flag.default(false),
})

export interface Config {
  /** Null where none is set; only what talks to Discord needs one. */
  readonly token: string | null
  readonly apiUrl: string
  /** Null: the embedded engine in `dataDir`. */
  readonly databaseUrl: string | null
  /** The same database with the user who owns the tables; null where that of `databaseUrl` does. */
  readonly migrateUrl: string | null
  readonly dataDir: string
  /** The private key that signs checkpoints of the record. */
  readonly trailKeyFile: string
  /** Where checkpoints of the record are kept besides the database. `anchorWebhook` is a secret. */
  readonly anchorFile: string | null
  readonly anchorWebhook: string | null
  /** How long runs, what they found, and lines of the record are kept; null: for ever. */
  readonly retentionDays: number | null
  readonly identity:
    | { readonly source: 'native' }
    | { readonly source: 'snapshot'; readonly file: string }
    | DatabaseIdentity
  readonly logLevel: (typeof LEVELS)[number]
  readonly rosterFill: 'gateway' | 'rest'
  readonly checksumMinutes: number
  /** Whether several roles of one member are taken in one write. */
  readonly bulkStrip: boolean
  /** How long a run may take before it is cut off and can be resumed. */
  readonly deadlineMinutes: number
  readonly health: { readonly host: string; readonly port: number } | null
  /** The webhook that each server's summaries go to, by guild. An address is a secret. */
  readonly summaryWebhooks: ReadonlyMap<string, string>
  /** How the person at the console is named in the trail. */
  readonly consoleName: string
  /** Accepted triggers a person in 24 hours; null where the operator said twice that there is to be no limit. */
  readonly quota: number | null
  readonly sinks: SinkSettings
  /** What must never be shown anywhere. */
  readonly secrets: readonly string[]
}

/** Accepted triggers a person in 24 hours. */
const QUOTA = 5

/** The environment cannot be used as it is. `message` lists every fault with what to do, and holds no secret. */
export class ConfigFault extends Error {
  override readonly name = 'ConfigFault'
}

/** Reads an environment; an empty variable counts as one that is not set. Throws `ConfigFault` with every fault at once. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
  const read = ENVIRONMENT.safeParse(set)
  const sinks = readSinks(set)
  const faults = [...(read.success ? [] : read.error.issues.map(faultOf)), ...contradictions(set), ...sinks.faults]
  if (!read.success || faults.length > 0)
    throw new ConfigFault(
      ['The settings in the environment (or in .env) cannot be used:', ...faults.map((fault) => `  ${fault}`)].join(
        '\n',
      ),
    )
  return Object.freeze(toConfig(read.data, set, sinks))
}

const faultOf = (issue: z.core.$ZodIssue): string => `${issue.path.join('.')} ${issue.message}`

/** Faults that no single variable shows. */
function contradictions(set: Readonly<Record<string, string | undefined>>): readonly string[] {
  const faults = [...identityContradictions(set), ...summariesIn(set).faults]
  if (set.MIGRATE_DATABASE_URL && !set.DATABASE_URL)
    faults.push(
      'MIGRATE_DATABASE_URL is set, but DATABASE_URL is not: the embedded engine has one user alone. Set DATABASE_URL to the same database with the user that the bot is to be, or take MIGRATE_DATABASE_URL out.',
    )
  if (set.IDENTITY_SOURCE === 'snapshot' && !set.IDENTITY_FILE)
    faults.push('IDENTITY_FILE is missing: IDENTITY_SOURCE=snapshot reads the people from the file that it names.')
  if (set.IDENTITY_FILE && set.IDENTITY_SOURCE !== 'snapshot')
    faults.push(
      'IDENTITY_FILE is set, but IDENTITY_SOURCE is not snapshot, so it would not be read. Set IDENTITY_SOURCE=snapshot or take IDENTITY_FILE out.',
    )
  if (Number(set.RUN_RETENTION_DAYS ?? 1) === 0 && set.RETENTION_OPT_OUT !== 'true')
    faults.push(
      'RUN_RETENTION_DAYS=0 keeps everything for ever, members’ names with it. Where that is meant, say so with RETENTION_OPT_OUT=true as well; else name the days to keep, such as 180.',
    )
  if (set.RETENTION_OPT_OUT === 'true' && Number(set.RUN_RETENTION_DAYS ?? 1) !== 0)
    faults.push(
      'RETENTION_OPT_OUT=true is set, but RUN_RETENTION_DAYS is not 0, so things would still be removed. Set RUN_RETENTION_DAYS=0 to keep everything for ever, or take RETENTION_OPT_OUT out.',
    )
  if ((set.ROLECALL_QUOTA_OPT_OUT === 'true') !== (set.ROLECALL_QUOTA_OPT_OUT_CONFIRM === 'true')) {
    faults.push(
      'ROLECALL_QUOTA_OPT_OUT and ROLECALL_QUOTA_OPT_OUT_CONFIRM differ: both must be true to lift the limit of 5 runs a person in 24 hours, and both false (or left out) to keep it.',
    )
  }
  return faults
}

const summariesIn = (set: Readonly<Record<string, string | undefined>>) =>
  readSummaryWebhooks(set.SUMMARY_WEBHOOKS, set.DISCORD_API_URL ?? DISCORD_API)

function toConfig(
  read: z.infer<typeof ENVIRONMENT>,
  set: Readonly<Record<string, string | undefined>>,
  sinks: SinksRead,
): Config {
  const { webhooks } = summariesIn(set)
  return {
    token: read.DISCORD_TOKEN ?? null,
    apiUrl: (read.DISCORD_API_URL ?? DISCORD_API).replace(/\/+$/, ''),
    databaseUrl: read.DATABASE_URL ?? null,
    migrateUrl: read.MIGRATE_DATABASE_URL ?? null,
    dataDir: read.DATA_DIR,
    trailKeyFile: read.TRAIL_KEY_FILE ?? join(read.DATA_DIR, 'trail.key'),
    anchorFile: read.TRAIL_ANCHOR_FILE ?? null,
    anchorWebhook: read.TRAIL_ANCHOR_WEBHOOK ?? null,
    retentionDays: read.RUN_RETENTION_DAYS === 0 ? null : read.RUN_RETENTION_DAYS,
    identity:
      read.IDENTITY_SOURCE === 'snapshot'
        ? { source: 'snapshot', file: read.IDENTITY_FILE ?? '' }
        : (databaseIdentity(read) ?? { source: 'native' }),
    logLevel: read.LOG_LEVEL,
    rosterFill: read.ROSTER_FILL,
    checksumMinutes: read.CHECKSUM_MINUTES,
    bulkStrip: read.BULK_STRIP,
    deadlineMinutes: read.AUDIT_DEADLINE_MINUTES,
    health: read.HEALTH_PORT === undefined ? null : { host: read.HEALTH_HOST, port: read.HEALTH_PORT },
    summaryWebhooks: webhooks,
    consoleName: read.ROLECALL_ACTOR ?? loginName(),
    quota: read.ROLECALL_QUOTA_OPT_OUT && read.ROLECALL_QUOTA_OPT_OUT_CONFIRM ? null : QUOTA,
    sinks: sinks.settings,
    // Addresses hold passwords, and are told here as they were written.
    secrets: [
      read.DISCORD_TOKEN,
      ...spellings(read.TRAIL_ANCHOR_WEBHOOK),
      ...[...webhooks.values()].flatMap(spellings),
      ...tokensOf(webhooks),
      ...[read.DATABASE_URL, read.MIGRATE_DATABASE_URL, set.IDENTITY_URL, set.IDENTITY_ADMIN_URL].flatMap((url) => [
        url,
        ...passwordsIn(url),
      ]),
      ...sinks.secrets,
    ].filter((secret): secret is string => secret !== undefined && secret !== ''),
  }
}

/** An address as it was written, and as it is told of by whoever was asked to go there. */
const spellings = (address: string | undefined): readonly string[] =>
  address === undefined ? [] : [address, new URL(address).href]

function loginName(): string {
  try {
    return userInfo().username
  } catch {
    // A container's bare uid has no name.
    return 'unnamed'
  }
}

/** Reads `.env` of the working folder where there is one (what is already set stays), then the environment. */
export function configFromEnvironment(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return readConfig(process.env)
}
