import { drizzle } from 'drizzle-orm/postgres-js'
import postgres, { type Options, type PostgresType, type Sql, type TransactionSql } from 'postgres'
import { KeptStatements, keeping } from './kept-statements.ts'
import { Lanes } from './lanes.ts'

/** Single statements at once. */
const CONNECTIONS = 4
const CLOSE_SECONDS = 5

export type DriverOptions = Options<Record<string, PostgresType>>

export interface Pool {
  readonly sql: Sql
  close(): Promise<void>
}

/**
 * The driver on a server, such that a lost connection costs what was under way on it and nothing more.
 * Single statements go through a client that is replaced as soon as it loses a connection, since the driver may never get that one to work again;
 * transactions go through lanes.
 */
export function openPool(url: string, common: DriverOptions): Pool {
  const kept = new KeptStatements()
  const make = (max: number, onclose: () => void) => {
    const client = postgres(url, { ...common, max_lifetime: null, max, onclose })
    // Drizzle teaches a client to leave dates and JSON to it, but only the one that it is given.
    drizzle(client)
    return keeping(client, kept)
  }
  const lanes = new Lanes((onLost) => make(1, onLost))
  const plain = new Renewed((onLost) => make(CONNECTIONS, onLost))
  const begin = (first: string | Deed, second?: Deed) =>
    typeof first === 'string' ? lanes.begin(first, second!) : lanes.begin('', first)
  const sql = new Proxy(plain.client, {
    apply: (_, self, words) => Reflect.apply(plain.client, self, words),
    get: (_, name) => (name === 'begin' ? begin : Reflect.get(plain.client, name)),
  })
  return { sql, close: () => Promise.all([plain.end(), lanes.end(CLOSE_SECONDS)]).then(() => {}) }
}

type Deed = (tx: TransactionSql) => Promise<unknown>

/** A client that is another one after it has lost a connection. */
class Renewed {
  readonly #make: (onLost: () => void) => Sql
  #client: Sql
  #ended = false

  constructor(make: (onLost: () => void) => Sql) {
    this.#make = make
    this.#client = this.#fresh()
  }

  get client(): Sql {
    return this.#client
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#client.end({ timeout: CLOSE_SECONDS })
  }

  #fresh(): Sql {
    const client: Sql = this.#make(() => {
      if (this.#ended || client !== this.#client) return
      this.#client = this.#fresh()
      // What still runs on its other connections may end there.
      client.end({ timeout: CLOSE_SECONDS }).catch(() => {})
    })
    return client
  }
}
