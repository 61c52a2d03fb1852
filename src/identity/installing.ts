import { readFile } from 'node:fs/promises'
import postgres from 'postgres'
import { Refusal } from '#src/core/refusal.ts'
import type { Address, ServerSettings } from './server/settings.ts'

// The one thing that rolecall ever writes into somebody's database, and only for whoever asks for it with rights of their own.

const CONNECT_SECONDS = 10
/** Who adds a trigger waits for whoever writes to the table at that moment, and everybody else waits behind: not for long. */
const LOCK_SECONDS = 5

/** Carries the statements out, all or none. `admin` may change the tables. Throws `Refusal` that says what to do and holds no secret. */
export async function carryOut(
  admin: Address,
  tls: ServerSettings['tls'],
  statements: readonly string[],
): Promise<void> {
  const { host, port, socketPath, user, password, database } = admin
  const sql = postgres({
    ...(socketPath === null ? { host, port } : { path: socketPath }),
    ...{ user, password, database, max: 1, connect_timeout: CONNECT_SECONDS, onnotice: () => {} },
    ssl: await trustOf(tls, host),
  })
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(`set local lock_timeout = '${LOCK_SECONDS}s'`)
      for (const statement of statements) await tx.unsafe(statement)
    })
  } catch (error) {
    throw new Refusal(`${sentenceOf(error)} Nothing was changed there.`)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function trustOf(tls: ServerSettings['tls'], servername: string) {
  if (tls.mode === 'off') return false
  if (tls.mode === 'require') return { rejectUnauthorized: false }
  const ca = tls.caFile === null ? {} : { ca: await readFile(tls.caFile, 'utf8').catch(() => '') }
  return { rejectUnauthorized: true, servername, ...ca }
}

const SENTENCES: Readonly<Record<string, string>> = {
  '28P01': 'The database refused the user or the password in IDENTITY_ADMIN_URL. Correct them.',
  '28000':
    'The database does not let the user in IDENTITY_ADMIN_URL in from this machine. Allow it there (pg_hba.conf).',
  '3D000': 'The server has no database of the name that IDENTITY_ADMIN_URL ends with. Correct the name.',
  '42501':
    'The user in IDENTITY_ADMIN_URL may not put triggers on these tables. Name the user that owns them, as a rule the one with which Alliance Auth itself connects.',
  '42P01':
    'The database in IDENTITY_ADMIN_URL lacks a table of Alliance Auth. See that it names the same database as IDENTITY_URL.',
  '42703':
    'A table in the database of IDENTITY_ADMIN_URL lacks a column of Alliance Auth. See that it names the same database as IDENTITY_URL.',
  '55P03': `Somebody held one of the tables for longer than ${LOCK_SECONDS} s. Try again when less is written there.`,
}

/** What the server says in its own words stays behind: it may hold more than anybody should read. */
function sentenceOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code'
  const known = SENTENCES[code]
  if (known) return known
  return `The database in IDENTITY_ADMIN_URL could not be reached, or refused (${code}). See that its server answers, and what its log says.`
}
