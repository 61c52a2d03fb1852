/** The database cannot be used, or did not take something. `message` says what happened, why, and what to do; it holds no secret. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
  /** What a program that cannot go on without the database ends with: the operator can mend it. */
  readonly exitCode = 2
}

/** Words for the codes of Postgres, of the driver and of the network that an operator can do something about. */
const SENTENCES: Readonly<Record<string, string>> = {
  '28P01':
    'The database server refused the name or the password in DATABASE_URL. Correct them (the characters @ : / # in a password are written %40 %3A %2F %23) and start again.',
  '28000':
    'The database server does not let this user in from this machine. Look at its pg_hba.conf and at the user in DATABASE_URL, then start again.',
  '3D000':
    'The database named in DATABASE_URL does not exist on that server. Create it (createdb NAME) or correct the name, then start again.',
  '25006':
    'The database is read-only, so nothing can be recorded, and what cannot be recorded is not done. Point DATABASE_URL at the primary server, or take its read-only setting away.',
  '42501':
    'The user in DATABASE_URL lacks a right that is needed in this database. Let it own the database (ALTER DATABASE … OWNER TO …) or grant it what its tables need, then start again.',
  '53300':
    'The database server has no connection left. Raise its max_connections or end other programs, then try again.',
  '53100': 'The disk of the database is full, so nothing more can be recorded. Make room on it.',
  '22021': 'A text holds a character that the database cannot store (NUL, or bytes that are not UTF-8). Take it out.',
  '22P05': 'A text holds a character that the database cannot store (NUL). Take it out.',
}

const LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
  'EPIPE',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  '57P01',
  '57P02',
  '57P03',
])
const UNREACHABLE =
  'The database does not answer, so nothing can be recorded, and what cannot be recorded is not done. See that the server in DATABASE_URL runs, that host and port are right and lead to PostgreSQL, and that no firewall stands between; then try again.'

export const unanswered = (seconds: number): StoreFault =>
  new StoreFault(`${UNREACHABLE} (no answer within ${seconds} s)`)

/**
 * Puts an error of the driver into words for an operator. The error itself stays here: it carries addresses, statements and their parameters.
 * What is no error of the database comes back as it is.
 */
export function toFault(error: unknown): unknown {
  const { code, message } = innermost(error)
  if (code === undefined) return isWrapped(error) ? new StoreFault('The database did not take a statement.') : error
  if (LOST.has(code)) return new StoreFault(`${UNREACHABLE} (${code})`)
  const sentence = SENTENCES[code]
  if (sentence !== undefined) return new StoreFault(`${sentence} (${code})`)
  // Class 22 repeats the value that it stumbled over, which may be a person's text.
  const words = code.startsWith('22') ? 'a value does not fit its column' : message
  return new StoreFault(`The database did not take a statement: ${words} (${code}).`)
}

/** True where the database was not there for a statement; it may come back. */
export const isLost = (error: unknown): boolean => LOST.has(innermost(error).code ?? '')

/** The driver's code of an error, however often it was wrapped; undefined where it is none of the database's. */
export function codeOf(error: unknown): string | undefined {
  return innermost(error).code
}

/** Drizzle wraps an error of the driver in one whose message holds the statement and all its parameters. */
const isWrapped = (error: unknown): error is Error => error instanceof Error && error.message.startsWith('Failed query')

function innermost(error: unknown): { readonly code: string | undefined; readonly message: string } {
  if (!(error instanceof Error)) return { code: undefined, message: '' }
  if (isWrapped(error) && error.cause !== undefined) return innermost(error.cause)
  const { code } = error as { code?: unknown }
  return { code: typeof code === 'string' ? code : undefined, message: error.message }
}
