import type { Clock } from './clock.ts'
import type { Fields } from './server.ts'
import type { Limits, ServerSettings } from './settings.ts'
import type { Troubles } from './troubles.ts'

/** What every connection to a database is made with. */
export interface LineParts {
  readonly settings: ServerSettings
  readonly limits: Limits
  readonly troubles: Troubles
  readonly clock: Clock
}

/**
 * One connection, for one transaction at a time. What it throws is `DirectoryUnreachable`, or what it was dropped with; after either it is of no use
 * any more and must be dropped. `onRow` never throws: drivers would take that for a fault of their own.
 */
export interface Line {
  /** Nothing more can be asked on it. */
  readonly isGone: boolean
  /** What the work comes to, or why the line is gone as soon as it is. */
  hold<T>(work: Promise<T>): Promise<T>
  /** Begins a transaction that sees one moment and can write nothing. */
  begin(): Promise<void>
  /** How long the server itself may take over each of the next questions. */
  limit(ms: number): Promise<void>
  rows(question: string, values: readonly string[], onRow: (row: readonly (string | null)[]) => void): Promise<void>
  each(question: string, onRow: (fields: Fields) => void): Promise<void>
  commit(): Promise<void>
  /** Breaks it off; whoever waits for it is told this, unless it was gone before. */
  drop(error: unknown): void
  /** Takes leave of the server. */
  end(): void
}
