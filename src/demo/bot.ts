import { DemoFault } from './fault.ts'
import { type Place, Program } from './program.ts'

/** A line of the bot's log. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

/** Lines kept: enough to show what went wrong, and to find one that came before it was asked for. */
const KEPT = 500
const SHOWN = 8
const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warning', 50: 'error' }

/** The bot in its own process, and what it says in its log. */
export class Bot {
  readonly #program: Program
  readonly #lines: LogLine[] = []
  readonly #listeners = new Set<() => void>()
  /** Rejects where the bot ends; whoever waits for something else of it waits for this too. */
  readonly broken: Promise<never>
  #ended: number | string | null = null

  constructor(place: Place) {
    this.#program = new Program('main.ts', [], place, (line) => this.#take(readLine(line)))
    this.broken = this.#program.ended.then((how) => {
      this.#ended = how
      this.#tell()
      throw this.fault(`The bot ended (${how}) in the middle`)
    })
    this.broken.catch(() => {})
  }

  /** The first line that is meant, of those already said too. Throws `DemoFault` where none comes in time or the bot ends. */
  async line(means: (line: LogLine) => boolean, what: string, deadline: number, signal: AbortSignal): Promise<LogLine> {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>()
    const look = () => {
      const found = this.#lines.find(means)
      if (found) resolve(found)
      else if (signal.aborted) reject(signal.reason)
      else if (this.#ended !== null) reject(this.fault(`The bot ended (${this.#ended}) before ${what}`))
    }
    const timer = setTimeout(() => reject(this.fault(`${deadline / 1000} s passed before ${what}`)), deadline)
    this.#listeners.add(look)
    signal.addEventListener('abort', look)
    try {
      look()
      return await promise
    } finally {
      clearTimeout(timer)
      this.#listeners.delete(look)
      signal.removeEventListener('abort', look)
    }
  }

  /** What happened, and the last that the bot said. */
  fault(happened: string): DemoFault {
    const last = this.#lines.slice(-SHOWN).map(({ level, msg }) => `  ${LEVELS[level] ?? level}: ${msg}`)
    return new DemoFault([`${happened}. Try again; if it stays so, its last lines say why:`, ...last].join('\n'))
  }

  stop(): Promise<void> {
    return this.#program.stop()
  }

  #take(line: LogLine): void {
    this.#lines.push(line)
    if (this.#lines.length > KEPT) this.#lines.shift()
    this.#tell()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

/** What is not JSON is a sentence that the bot said before it had a log. */
function readLine(line: string): LogLine {
  try {
    const read: unknown = JSON.parse(line)
    if (typeof read === 'object' && read !== null && 'msg' in read) return read as LogLine
  } catch {
    // Said below as it stands.
  }
  return { time: 0, level: 50, msg: line }
}
