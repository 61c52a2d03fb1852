import type { Span } from '#src/core/text-column.ts'

// Somebody's database, as an identity source reads it: one transaction at a time that sees one moment and can write nothing.

export type Dialect = 'postgres' | 'mysql'

/** A row that was read, only until the function that was given it returns. Columns are numbered from 0; null is SQL's NULL. */
export interface Fields {
  text(column: number): string | null
  /** Null and what is no number come as 0. Exact up to 2^53. */
  number(column: number): number
  /** The text as UTF-8, only until the next column is asked for: it costs less than a string. */
  utf8(column: number): Span | null
}

export interface Session {
  readonly dialect: Dialect
  /**
   * Every row of a question whose answer is small (at most `MOST_ROWS`), each value as text: numbers in decimal digits, dates never asked for, true and
   * false as the question spells them (`case when x then 1 else 0 end` is understood everywhere). `?` stands for a value, in this order.
   */
  rows(question: string, values?: readonly string[]): Promise<readonly (readonly (string | null)[])[]>
  /** The rows of a question that may be long, one after the other; nothing of them is kept, and the loop is let go of in between. No values. */
  each(question: string, onRow: (fields: Fields) => void): Promise<void>
}

/** What `rows` gives at most. */
export const MOST_ROWS = 100_000

/** Told of what a database says by itself. */
export interface Hearing {
  /** It can be heard from now on, for the first time or again; whatever was said before that was missed. */
  onOpen(): void
  /** Nothing is heard any more, until it is open again. */
  onClose(): void
  onNotice(payload: string): void
}

export interface IdentityServer {
  readonly dialect: Dialect
  /**
   * Does the work in one transaction: repeatable read, read only. Throws `DirectoryUnreachable` with a sentence that says what happened and what to do,
   * and holds no secret, where the server does not answer, refuses, hangs or ends in the middle; what the work throws otherwise comes out as it is.
   */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** Hears what is notified on a channel until the returned function is called; connects again by itself. Null where the server has no such thing. */
  listen(channel: string, hearing: Hearing): (() => void) | null
  close(): Promise<void>
}
