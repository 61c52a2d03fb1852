import type { Sql, TransactionSql } from 'postgres'

// Statements that come again are kept prepared on their connections: the driver needs one answer for them where it needs two otherwise, and the
// server plans them once. A connection keeps its plans for as long as it lives, so there is a bound on how many there are.

/** Each connection may hold a plan of each. Those that this program asks often are far fewer. */
const MOST_KEPT = 200
/** Remembered as having come once; the oldest is forgotten first. */
const MOST_SEEN = 500
/** What is longer writes many rows at once, and its length is hardly ever the same again. */
const MOST_CHARACTERS = 8_000

/** Which statements are worth keeping: those that came before. */
export class KeptStatements {
  readonly #seen = new Set<string>()
  readonly #kept = new Set<string>()

  /** Whether this statement is to be kept prepared, now that it comes (again). */
  keeps(text: string): boolean {
    if (this.#kept.has(text)) return true
    if (this.#kept.size >= MOST_KEPT || text.length > MOST_CHARACTERS) return false
    if (this.#seen.delete(text)) this.#kept.add(text)
    else this.#see(text)
    return this.#kept.has(text)
  }

  #see(text: string): void {
    this.#seen.add(text)
    const oldest = this.#seen.keys().next()
    if (this.#seen.size > MOST_SEEN && !oldest.done) this.#seen.delete(oldest.value)
  }
}

/** The same client, by whose `unsafe` drizzle asks everything, with what comes again kept. What has no parameters needs no preparing. */
export function keeping<Client extends Pick<Sql, 'unsafe'>>(client: Client, kept: KeptStatements): Client {
  const unsafe: Sql['unsafe'] = (text, parameters, options) => {
    const prepare = parameters !== undefined && parameters.length > 0 && kept.keeps(text)
    return client.unsafe(text, parameters, { ...options, prepare })
  }
  return new Proxy(client, { get: (_, name) => (name === 'unsafe' ? unsafe : Reflect.get(client, name)) })
}

/** The same for a client whose transactions are the driver's own. */
export function keepStatements(client: Sql): Sql {
  const kept = new KeptStatements()
  const begin = (deed: (tx: TransactionSql) => unknown) => client.begin((tx) => deed(keeping(tx, kept)))
  const plain = keeping(client, kept)
  return new Proxy(plain, { get: (_, name) => (name === 'begin' ? begin : Reflect.get(plain, name)) })
}
