import type { Line, LineParts } from './line.ts'
import { Lines } from './lines.ts'
import { Reading } from './reading.ts'
import type { Dialect, Hearing, IdentityServer, Session } from './server.ts'

/** Hears a channel until the signal says that nobody listens any more. */
export type Hear = (channel: string, hearing: Hearing, signal: AbortSignal) => void

/** Whatever is the same for every kind of server. */
export class DatabaseServer implements IdentityServer {
  readonly dialect: Dialect
  readonly #parts: LineParts
  readonly #lines: Lines
  readonly #hear: Hear | null
  readonly #listeners = new Set<AbortController>()

  constructor(parts: LineParts, open: () => Promise<Line>, hear: Hear | null) {
    this.dialect = parts.settings.address.dialect
    this.#parts = parts
    this.#lines = new Lines(parts, open)
    this.#hear = hear
  }

  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#lines.use((line) => this.#read(line, work))
  }

  listen(channel: string, hearing: Hearing): (() => void) | null {
    if (this.#hear === null) return null
    const listener = new AbortController()
    this.#listeners.add(listener)
    this.#hear(channel, hearing, listener.signal)
    return () => {
      this.#listeners.delete(listener)
      listener.abort()
    }
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners) listener.abort()
    this.#lines.close()
  }

  async #read<T>(line: Line, work: (session: Session) => Promise<T>): Promise<T> {
    const { troubles, limits, clock } = this.#parts
    const reading = new Reading(line, this.#parts)
    const callOff = clock.after(limits.readingMs, () =>
      line.drop(troubles.say('slow answer', { seconds: limits.readingMs / 1_000 })),
    )
    try {
      const result = await line.hold(work(reading))
      reading.mustBeWhole()
      return result
    } finally {
      reading.end()
      callOff()
    }
  }
}
