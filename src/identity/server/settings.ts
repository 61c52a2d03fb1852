import type { Dialect } from './server.ts'

/** Where a database is and who asks, as the operator wrote it. `password` is a secret. */
export interface Address {
  readonly dialect: Dialect
  readonly host: string
  readonly port: number
  /** The socket's file, where the database is on this machine and is spoken to by one. */
  readonly socketPath: string | null
  readonly user: string
  readonly password: string
  readonly database: string
}

export type Tls =
  | { readonly mode: 'off' }
  | { readonly mode: 'require' }
  /** `caFile`: whose certificates are believed; null: those of the public authorities that Node knows. */
  | { readonly mode: 'verify'; readonly caFile: string | null }

export interface ServerSettings {
  readonly address: Address
  readonly tls: Tls
  /** How long one question may take. */
  readonly timeoutSeconds: number
}

export interface Limits {
  /** For a connection to be there, and once more for the server to let us in. */
  readonly connectMs: number
  readonly questionMs: number
  /** For everything that is asked in one transaction; also for one question whose answer may be long. */
  readonly readingMs: number
  /** How far a replica may be behind its primary. */
  readonly behindMs: number
}

const CONNECT_MS = 10_000
/** As long as the loop waits for the answer to a question about everybody. */
const READING_MS = 300_000

/** Long enough for a replica that is busy for a moment. */
const BEHIND_MS = 15_000

export const limitsOf = ({ timeoutSeconds }: ServerSettings): Limits => ({
  connectMs: Math.min(CONNECT_MS, timeoutSeconds * 1_000),
  questionMs: timeoutSeconds * 1_000,
  readingMs: READING_MS,
  behindMs: BEHIND_MS,
})
