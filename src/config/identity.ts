import { z } from 'zod'
import { type DatabaseAddress, readAddress } from './database-address.ts'

// How somebody's own identity database is reached and read.

export type Tls =
  | { readonly mode: 'off' }
  | { readonly mode: 'require' }
  /** `caFile`: whose certificates are believed; null: those of the public authorities that Node knows. */
  | { readonly mode: 'verify'; readonly caFile: string | null }

export interface DatabaseIdentity {
  readonly source: 'alliance-auth' | 'view'
  readonly address: DatabaseAddress
  readonly tls: Tls
  /** Every how many seconds changes are asked for, where the database does not tell of them by itself. */
  readonly pollSeconds: number
  /** People, beyond whom nothing is read. */
  readonly maxPeople: number
  /** How long one question may take. */
  readonly timeoutSeconds: number
  /** With a user who may change the tables; for `rolecall identity install-triggers` alone. */
  readonly admin: DatabaseAddress | null
}

export const DATABASE_SOURCES = ['alliance-auth', 'view'] as const

export const identitySource = z
  .enum(['native', 'snapshot', ...DATABASE_SOURCES], {
    error:
      'must be native (people imported by `rolecall identity import`), snapshot (the identity part of the file in IDENTITY_FILE), alliance-auth (the database of Alliance Auth in IDENTITY_URL) or view (three views in the database in IDENTITY_URL).',
  })
  .default('native')

export const identityUrl = z
  .string()
  .transform((text, context): DatabaseAddress => {
    const read = readAddress(text)
    if (!('fault' in read)) return read
    context.addIssue({ code: 'custom', message: read.fault })
    return z.NEVER
  })
  .optional()

export const identityTls = z
  .enum(['off', 'require', 'verify'], {
    error:
      'must be off (the default), require (encrypted, whoever it is at the other end) or verify (encrypted, and its certificate must be valid for the host in IDENTITY_URL).',
  })
  .default('off')

const whole = (from: number, to: number) => {
  const words = `must be a whole number from ${from.toLocaleString('en')} to ${to.toLocaleString('en')}, written without separators.`
  return z
    .string()
    .regex(/^\d{1,9}$/, words)
    .transform(Number)
    .refine((number) => number >= from && number <= to, words)
}

export const pollSeconds = whole(1, 3_600).default(15)
/** Ten million people would fill the memory of most machines that a bot runs on; by mistake they are read by nobody. */
export const maxPeople = whole(1, 20_000_000).default(2_000_000)
/** A whole reading is given up after five minutes, and no question may take longer. */
export const timeoutSeconds = whole(1, 300).default(30)

interface Read {
  readonly IDENTITY_SOURCE: z.infer<typeof identitySource>
  readonly IDENTITY_URL?: DatabaseAddress | undefined
  readonly IDENTITY_TLS: z.infer<typeof identityTls>
  readonly IDENTITY_TLS_CA?: string | undefined
  readonly IDENTITY_POLL_SECONDS: number
  readonly IDENTITY_MAX_PEOPLE: number
  readonly IDENTITY_TIMEOUT_SECONDS: number
  readonly IDENTITY_ADMIN_URL?: DatabaseAddress | undefined
}

/** Null where the people are not in a database of somebody's. */
export function databaseIdentity(read: Read): DatabaseIdentity | null {
  const source = read.IDENTITY_SOURCE
  if ((source !== 'alliance-auth' && source !== 'view') || read.IDENTITY_URL === undefined) return null
  return {
    source,
    address: read.IDENTITY_URL,
    tls:
      read.IDENTITY_TLS === 'verify'
        ? { mode: 'verify', caFile: read.IDENTITY_TLS_CA ?? null }
        : { mode: read.IDENTITY_TLS },
    pollSeconds: read.IDENTITY_POLL_SECONDS,
    maxPeople: read.IDENTITY_MAX_PEOPLE,
    timeoutSeconds: read.IDENTITY_TIMEOUT_SECONDS,
    admin: read.IDENTITY_ADMIN_URL ?? null,
  }
}

/** Faults that no single setting shows. */
export function identityContradictions(set: Readonly<Record<string, string | undefined>>): readonly string[] {
  const isDatabase = DATABASE_SOURCES.some((source) => source === set.IDENTITY_SOURCE)
  const faults: string[] = []
  if (isDatabase && !set.IDENTITY_URL)
    faults.push(
      `IDENTITY_URL is missing: IDENTITY_SOURCE=${set.IDENTITY_SOURCE} reads the people from the database that it names.`,
    )
  if (set.IDENTITY_URL && !isDatabase)
    faults.push(
      'IDENTITY_URL is set, but IDENTITY_SOURCE is neither alliance-auth nor view, so it would not be read. Set IDENTITY_SOURCE to one of them or take IDENTITY_URL out.',
    )
  if (set.IDENTITY_TLS_CA && set.IDENTITY_TLS !== 'verify')
    faults.push(
      'IDENTITY_TLS_CA is set, but IDENTITY_TLS is not verify, so no certificate would be looked at. Set IDENTITY_TLS=verify or take IDENTITY_TLS_CA out.',
    )
  if (isDatabase && isBySocket(set.IDENTITY_URL) && (set.IDENTITY_TLS ?? 'off') !== 'off')
    faults.push(
      'IDENTITY_TLS is set, but IDENTITY_URL leads to a socket on this machine, where there is nothing to encrypt. Take IDENTITY_TLS out.',
    )
  return faults
}

function isBySocket(text: string | undefined): boolean {
  const read = readAddress(text ?? '')
  return !('fault' in read) && read.socketPath !== null
}
