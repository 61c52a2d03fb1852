import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { codeOf, isLost, StoreFault, toFault } from './fault.ts'
import type { Db } from './handle.ts'
import { inTime } from './in-time.ts'
import { type Leadership, Lease, type Timings } from './lease.ts'
import type { AppendLines } from './ledger.ts'
import type { OwnConnection } from './own-connection.ts'
import { endTerm, findTerm, type Term, takeTerm } from './term.ts'

// Of several bots on one database one acts and the others stand by: one that falls silent is followed, and one that goes of its own accord at once.

export interface LeadOptions {
  readonly append: AppendLines
  /** Ends the standing by. */
  readonly signal?: AbortSignal
  /** Told once, where another bot acts: since when, in ISO 8601. */
  readonly onStandby?: (since: string) => void
  readonly timings?: Timings
  /** Milliseconds that only ever grow; the machine's own where left out. */
  readonly elapsed?: () => number
}

/** What leading needs of a database server. */
interface Server {
  readonly db: Db
  readonly connect: (answerMs: number) => OwnConnection
}

/** With a poll and an answer that takes its time, a bot that was killed is followed within 15 s. */
const TIMINGS: Timings = {
  leaseMs: 10_000,
  marginMs: 1_000,
  beatMs: 3_000,
  againMs: 500,
  pollMs: 2_000,
  answerMs: 2_000,
}
const LOCK_NOT_AVAILABLE = '55P03'

/** Stands by until this bot may act. Rejects with the signal's reason where that comes first, and with a `StoreFault` where the database refuses. */
export async function lead({ db, connect }: Server, options: LeadOptions): Promise<Leadership> {
  const { timings = TIMINGS, signal } = options
  const connection = connect(timings.answerMs)
  try {
    const lease = await campaign(new Candidate(db, connection, options, timings), timings, signal)
    if (!signal?.aborted) return lease
    await lease.release()
    throw signal.reason
  } catch (error) {
    await connection.end()
    throw signal?.aborted ? signal.reason : toFault(error)
  }
}

async function campaign(candidate: Candidate, { pollMs }: Timings, signal: AbortSignal | undefined): Promise<Lease> {
  for (;;) {
    signal?.throwIfAborted()
    const lease = await candidate.stand()
    if (lease) return lease
    await pause(pollMs, null, { ...(signal && { signal }) })
  }
}

/** A process that would act, and tries to from time to time. */
class Candidate {
  readonly #db: Db
  readonly #connection: OwnConnection
  readonly #options: LeadOptions
  readonly #timings: Timings
  readonly #self = randomUUID()
  #stoodBy = false

  constructor(db: Db, connection: OwnConnection, options: LeadOptions, timings: Timings) {
    this.#db = db
    this.#connection = connection
    this.#options = options
    this.#timings = timings
  }

  /** Null where another bot acts, or the database is away for the moment. */
  async stand(): Promise<Lease | null> {
    try {
      const term = await this.#tryToTake()
      if (term === null) return null
      const { elapsed = () => performance.now() } = this.#options
      const lease = new Lease(term, this.#self, this.#connection, this.#timings, elapsed)
      return (await lease.begin()) ? lease : null
    } catch (error) {
      if (mayPass(error)) return null
      throw error
    }
  }

  async #tryToTake(): Promise<number | null> {
    const now = await this.#connection.ask(findTerm)
    // A term may be this one's already: of a try whose answer did not come in time.
    if (now?.held && now.holder === this.#self) return now.term
    if (now?.held && !this.#isSilent(now)) return this.#standBy(now)
    const taking = takeTerm(this.#db, this.#options.append, this.#self, (before) => this.#isSilent(before))
    return inTime(taking, this.#timings.answerMs)
  }

  #isSilent({ silentMs }: Term): boolean {
    return silentMs > this.#timings.leaseMs
  }

  #standBy({ since }: Term): null {
    if (!this.#stoodBy) this.#options.onStandby?.(new Date(since).toISOString())
    this.#stoodBy = true
    return null
  }
}

/** No answer in time, no connection, or somebody else at the row. */
const mayPass = (error: unknown): boolean =>
  error instanceof StoreFault || isLost(error) || codeOf(error) === LOCK_NOT_AVAILABLE

/** On the embedded engine, which is one process's from the start: whoever held the term before has ended. */
export async function leadAlone(db: Db, engineLost: Promise<StoreFault>, { append }: LeadOptions): Promise<Leadership> {
  const self = randomUUID()
  const taken = takeTerm(db, append, self, () => true)
  const term = (await taken.catch((error: unknown) => Promise.reject(toFault(error))))!
  let over = false
  void engineLost.then(() => {
    over = true
  })
  const release = async () => {
    if (over) return
    over = true
    // Whoever opens the folder next follows in any case.
    await endTerm(db, term, self).catch(() => {})
  }
  return { term, mayAct: () => !over, lost: engineLost, release }
}

/** The leaderships of one database, which end with it. */
export class Led {
  readonly #lead: (options: LeadOptions) => Promise<Leadership>
  readonly #closing = new AbortController()
  readonly #held: Leadership[] = []

  constructor(lead: (options: LeadOptions) => Promise<Leadership>) {
    this.#lead = lead
  }

  async lead(options: LeadOptions): Promise<Leadership> {
    const { signal } = this.#closing
    const either = options.signal ? AbortSignal.any([options.signal, signal]) : signal
    const leadership = await this.#lead({ ...options, signal: either })
    this.#held.push(leadership)
    return leadership
  }

  /** Nobody stands by for a database that is being closed. */
  standNoMore(): void {
    this.#closing.abort(new StoreFault('The database was closed while this bot stood by.'))
  }

  async release(): Promise<void> {
    for (const leadership of this.#held) await leadership.release()
  }
}
