import { inTime } from './in-time.ts'
import type { Line, LineParts } from './line.ts'

/** Transactions at once; more wait for their turn. */
const MOST_LINES = 4
/** Readings that wait for their turn; whoever comes later is refused. */
const MOST_WAITING = 100
/** Lines that are kept for the next reading, and for how long: servers and firewalls end what is idle for some minutes. */
const MOST_IDLE = 2
const IDLE_MS = 60_000

interface Idle {
  readonly line: Line
  readonly callOff: () => void
}

/** The connections to one database, made as they are needed. One on which anything went wrong is not used again. */
export class Lines {
  readonly #parts: LineParts
  readonly #open: () => Promise<Line>
  readonly #waiting: (() => void)[] = []
  readonly #busy = new Set<Line>()
  #idle: readonly Idle[] = []
  #turns = MOST_LINES
  #isClosed = false

  constructor(parts: LineParts, open: () => Promise<Line>) {
    this.#parts = parts
    this.#open = open
  }

  /** Does the work in a transaction of its own, which is over when the work is. */
  async use<T>(work: (line: Line) => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      return await this.#use(work)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#turns++
    }
  }

  /** Breaks off what is under way; nothing that is read is lost by that. */
  close(): void {
    this.#isClosed = true
    for (const { line } of this.#takeIdle()) line.end()
    for (const line of this.#busy) line.drop(this.#parts.troubles.say('closed'))
  }

  async #turn(): Promise<void> {
    if (this.#turns > 0) {
      this.#turns--
      return
    }
    if (this.#waiting.length === MOST_WAITING) throw this.#parts.troubles.say('busy')
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async #use<T>(work: (line: Line) => Promise<T>): Promise<T> {
    const line = await this.#begun()
    this.#busy.add(line)
    try {
      const result = await work(line)
      await inTime(line, this.#parts, line.commit())
      this.#keep(line)
      return result
    } catch (error) {
      line.drop(this.#parts.troubles.say('closed'))
      throw error
    } finally {
      this.#busy.delete(line)
    }
  }

  /** A line that was kept may have died unnoticed; only a fresh one that does not begin says that the server is not there. */
  async #begun(): Promise<Line> {
    const kept = this.#takeNewest()
    if (kept && (await this.#begin(kept).then(...BEGUN))) return kept
    for (const { line } of kept ? this.#takeIdle() : []) line.end()
    this.#refuseWhenClosed()
    const fresh = await this.#open()
    await this.#begin(fresh)
    return fresh
  }

  async #begin(line: Line): Promise<void> {
    try {
      this.#refuseWhenClosed()
      await inTime(line, this.#parts, line.begin())
      this.#refuseWhenClosed()
    } catch (error) {
      line.drop(this.#parts.troubles.say('closed'))
      throw error
    }
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw this.#parts.troubles.say('closed')
  }

  #takeNewest(): Line | undefined {
    const newest = this.#idle.findLast(({ line }) => !line.isGone)
    this.#idle = this.#idle.filter((idle) => idle !== newest && !idle.line.isGone)
    newest?.callOff()
    return newest?.line
  }

  #takeIdle(): readonly Idle[] {
    const taken = this.#idle
    this.#idle = []
    for (const { callOff } of taken) callOff()
    return taken
  }

  #keep(line: Line): void {
    this.#idle = this.#idle.filter((idle) => !idle.line.isGone)
    if (this.#isClosed || this.#idle.length === MOST_IDLE) {
      line.end()
      return
    }
    const callOff = this.#parts.clock.after(IDLE_MS, () => {
      this.#idle = this.#idle.filter((idle) => idle.line !== line)
      line.end()
    })
    this.#idle = [...this.#idle, { line, callOff }]
  }
}

const BEGUN = [() => true, () => false] as const
