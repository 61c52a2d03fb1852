import { StoreFault } from './fault.ts'
import type { OwnConnection } from './own-connection.ts'
import { beat, endTerm } from './term.ts'

/** The right to act, for as long as it lasts. What a console command does needs none. */
export interface Leadership {
  readonly term: number
  /** False from the moment at which another bot may have taken over, by this machine's own clock; true again where it turns out that none has. */
  mayAct(): boolean
  /** Resolves where another bot has taken over: this one can only end. */
  readonly lost: Promise<StoreFault>
  /** Lets whoever stands by begin at once. */
  release(): Promise<void>
}

export interface Timings {
  /** How long the holder may be silent before it is followed, by the server's clock. */
  readonly leaseMs: number
  /** How much earlier it stops by itself: time for what it has just sent to Discord. */
  readonly marginMs: number
  /** How often it tells the server that it is alive. */
  readonly beatMs: number
  /** How soon it tries again where the server did not hear it. */
  readonly againMs: number
  /** How often whoever stands by looks. */
  readonly pollMs: number
  /** How long the server may take to answer. */
  readonly answerMs: number
}

const TAKEN =
  'Another rolecall has taken over this database, since this one was not heard of for too long. This one ends, so that there are never two; see that the database server and the way to it are well.'

/** A term that this process holds, told to the server as long as it does. A beat that is not answered is tried again on a connection that is new. */
export class Lease implements Leadership {
  readonly term: number
  readonly #holder: string
  readonly #connection: OwnConnection
  readonly #timings: Timings
  readonly #elapsed: () => number
  readonly #lost = Promise.withResolvers<StoreFault>()
  #lastsUntil = Number.NEGATIVE_INFINITY
  #over = false
  #timer: NodeJS.Timeout | undefined

  constructor(
    term: number,
    holder: string,
    connection: OwnConnection,
    timings: Timings,
    /** Milliseconds that only ever grow. */
    elapsed: () => number,
  ) {
    this.term = term
    this.#holder = holder
    this.#connection = connection
    this.#timings = timings
    this.#elapsed = elapsed
  }

  get lost(): Promise<StoreFault> {
    return this.#lost.promise
  }

  mayAct(): boolean {
    return !this.#over && this.#elapsed() < this.#lastsUntil
  }

  /** The first beat. False where the term is held no more; where the server does not answer, throws what the driver throws. */
  async begin(): Promise<boolean> {
    const isHeld = await this.#beat()
    if (isHeld) this.#next(this.#timings.beatMs)
    return isHeld
  }

  async release(): Promise<void> {
    if (this.#over) return
    this.#end()
    // Where the server does not hear it, it is followed once it was silent for long enough.
    await this.#connection.ask((db) => endTerm(db, this.term, this.#holder)).catch(() => {})
    await this.#connection.end()
  }

  /** The lease is counted from before the server heard of it, so that this side's ends first. */
  async #beat(): Promise<boolean> {
    const { leaseMs, marginMs } = this.#timings
    const sentAt = this.#elapsed()
    const isHeld = await this.#connection.ask((db) => beat(db, this.term, this.#holder))
    if (isHeld) this.#lastsUntil = sentAt + leaseMs - marginMs
    return isHeld
  }

  #next(afterMs: number): void {
    if (!this.#over) this.#timer = setTimeout(() => void this.#goOn(), afterMs).unref()
  }

  async #goOn(): Promise<void> {
    const { beatMs, againMs } = this.#timings
    const isHeld = await this.#beat().catch(() => null)
    if (isHeld === false) await this.#lose()
    else this.#next(isHeld ? beatMs : againMs)
  }

  async #lose(): Promise<void> {
    if (this.#over) return
    this.#end()
    this.#lost.resolve(new StoreFault(TAKEN))
    await this.#connection.end()
  }

  #end(): void {
    this.#over = true
    clearTimeout(this.#timer)
  }
}
