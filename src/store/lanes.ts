import type { Sql, TransactionSql } from 'postgres'

// Transactions on a server, each on a client of one connection. The driver's own `begin` (postgres 3.4.9, its issues 1208, 1133 and 1216)
// throws where nobody can catch it when the server closes a connection in the middle of a transaction, hangs on that connection ever after,
// and may carry out the rest of a dead transaction inside another one. Here a connection that was lost is never written to again.

/** Transactions at once; more wait for their turn. */
const MAX_LANES = 6
/**
 * How long the server waits for the next statement of a transaction. Of a machine that vanished without a word it would otherwise wait two hours
 * (the system's own patience), and everybody else for the rows and the end of the trail that are held there. Nothing here thinks for as long.
 */
const IDLE = '30s'

/** Makes a client of one connection that calls `onLost` when that connection closes. */
export type MakeClient = (onLost: () => void) => Sql

class Lane {
  readonly client: Sql
  readonly #whenLost = new Set<() => void>()
  readonly #ended = Promise.withResolvers<void>()
  #lost = false

  constructor(make: MakeClient) {
    this.client = make(() => this.#lose())
  }

  get lost(): boolean {
    return this.#lost
  }

  /** What `work` comes to, or an error as soon as the connection is gone: the driver does not always settle what it had in hand. */
  hold<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const onLost = () => reject(closedInBetween())
      this.#whenLost.add(onLost)
      work.then(resolve, reject).finally(() => this.#whenLost.delete(onLost))
    })
  }

  /** The command that the server says it has carried out. */
  async ask(statement: string): Promise<string> {
    return (await this.hold(this.client.unsafe(statement))).command
  }

  async end(): Promise<void> {
    this.#lose()
    await this.client.end({ timeout: 0 }).catch(() => {})
    this.#ended.resolve()
  }

  /** Resolves when the lane was ended. */
  get done(): Promise<void> {
    return this.#ended.promise
  }

  #lose(): void {
    this.#lost = true
    for (const tell of this.#whenLost) tell()
    this.#whenLost.clear()
  }
}

const lost = (code: string, message: string): Error => Object.assign(new Error(message), { code })

const closedInBetween = (): Error =>
  lost('CONNECTION_CLOSED', 'The connection was closed in the middle of a transaction.')

/** The lanes of one database, made as they are needed and used again. */
export class Lanes {
  readonly #make: MakeClient
  readonly #idle: Lane[] = []
  readonly #busy = new Set<Lane>()
  readonly #waiting: (() => void)[] = []
  #turns = MAX_LANES
  #ended = false

  constructor(make: MakeClient) {
    this.#make = make
  }

  /** One transaction: committed where `deed` returns, otherwise undone. `options` as in `begin`: an isolation level, `read only`. */
  async begin<T>(options: string, deed: (tx: TransactionSql) => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      return await this.#inLane((lane) => transaction(lane, options, deed))
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#turns++
    }
  }

  /** Waits for the transactions that are under way, for so many seconds at most; those that wait for their turn are refused. */
  async end(seconds: number): Promise<void> {
    this.#ended = true
    await Promise.all(this.#idle.splice(0).map((lane) => lane.end()))
    const timer = setTimeout(() => this.#busy.forEach((lane) => void lane.end()), seconds * 1_000)
    await Promise.all([...this.#busy].map((lane) => lane.done))
    clearTimeout(timer)
  }

  async #turn(): Promise<void> {
    if (this.#turns === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#turns--
  }

  async #inLane<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.#take()
    try {
      return await work(lane)
    } finally {
      await this.#give(lane)
    }
  }

  #take(): Lane {
    if (this.#ended) throw lost('CONNECTION_ENDED', 'The database was closed.')
    let lane = this.#idle.pop()
    while (lane?.lost) lane = this.#idle.pop()
    const taken = lane ?? new Lane(this.#make)
    this.#busy.add(taken)
    return taken
  }

  async #give(lane: Lane): Promise<void> {
    this.#busy.delete(lane)
    if (lane.lost || this.#ended) await lane.end()
    else this.#idle.push(lane)
  }
}

async function transaction<T>(lane: Lane, options: string, deed: (tx: TransactionSql) => Promise<T>): Promise<T> {
  let over = false
  try {
    await lane.ask(`begin ${options}; set local idle_in_transaction_session_timeout = '${IDLE}'`)
    const result = await lane.hold(deed(guarded(lane, () => over)))
    over = true
    // A transaction in which a statement failed is undone by `commit`, which says so only in its answer.
    if ((await lane.ask('commit')) !== 'COMMIT')
      throw new Error('A statement of the transaction failed, so it was undone.')
    return result
  } catch (error) {
    over = true
    // Where the connection is gone the server undoes it by itself.
    if (!lane.lost) await lane.ask('rollback').catch(() => lane.end())
    throw error
  }
}

/** The client, for as long as its transaction goes on. */
function guarded(lane: Lane, isOver: () => boolean): TransactionSql {
  const check = () => {
    if (lane.lost) throw closedInBetween()
    if (isOver()) throw new Error('This transaction is over; a statement came too late for it.')
  }
  const proxy = new Proxy(lane.client, {
    apply(client, self, words) {
      check()
      return Reflect.apply(client, self, words)
    },
    get(client, name) {
      if (name === 'unsafe') check()
      return Reflect.get(client, name)
    },
  })
  return proxy as unknown as TransactionSql
}
