import type { Span } from '#src/core/text-column.ts'
import { ByteFields, NULL_PLACE } from './fields.ts'
import type { Fields } from './server.ts'

// What PostgreSQL sends for `copy … to stdout`: a line for each row, columns parted by tabs. Tabs, line ends and backslashes inside of a value
// come as a backslash and a letter, and null as \N, so that a tab is always the end of a column.

const TAB = 9
const NEWLINE = 10
const BACKSLASH = 92
const N = 78

const LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** Reads lines in whatever pieces they come; `onRow` sees each row once. Keeps nothing but the start of a line whose end is still to come. */
export class CopyRows {
  readonly #onRow: (fields: Fields) => void
  readonly #fields = new CopyFields()
  #rest: Buffer | null = null

  constructor(onRow: (fields: Fields) => void) {
    this.#onRow = onRow
  }

  /** The piece lies between `from` and `to`. */
  read(bytes: Buffer, from = 0, to = bytes.length): void {
    if (this.#rest === null) {
      this.#keep(bytes, this.#readLines(bytes, from, to), to)
      return
    }
    const joined = Buffer.concat([this.#rest, bytes.subarray(from, to)])
    this.#keep(joined, this.#readLines(joined, 0, joined.length), joined.length)
  }

  /** Whether the last row has come to its end. */
  get whole(): boolean {
    return this.#rest === null
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    this.#rest = from === to ? null : Buffer.from(bytes.subarray(from, to))
  }

  /** Where the last line that is whole ends. */
  #readLines(bytes: Buffer, start: number, end: number): number {
    const fields = this.#fields
    const { places } = fields
    let lineStart = start
    let from = start
    let place = 0
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!
      if (byte > NEWLINE && byte !== BACKSLASH) continue
      if (byte === BACKSLASH) {
        fields.markEscape(place / 2)
        at++
      } else if (byte >= TAB) {
        if (place === places.length) throw new RangeError('A row has more columns than any question asks for.')
        places[place] = fields.hasEscapes && isNull(bytes, from, at) ? NULL_PLACE : from
        places[place + 1] = at
        place += 2
        from = at + 1
        if (byte === TAB) continue
        fields.open(bytes, place / 2)
        this.#onRow(fields)
        if (fields.hasEscapes) fields.forgetEscapes()
        lineStart = from
        place = 0
      }
    }
    // They are met again with the rest of their line.
    if (fields.hasEscapes) fields.forgetEscapes()
    return lineStart
  }
}

const isNull = (bytes: Buffer, from: number, to: number): boolean =>
  to - from === 2 && bytes[from] === BACKSLASH && bytes[from + 1] === N

/** A row of which some columns may hold escapes. */
class CopyFields extends ByteFields {
  hasEscapes = false
  readonly #escaped = new Set<number>()

  markEscape(column: number): void {
    this.hasEscapes = true
    this.#escaped.add(column)
  }

  forgetEscapes(): void {
    this.hasEscapes = false
    this.#escaped.clear()
  }

  override text(column: number): string | null {
    const text = super.text(column)
    return this.#isEscaped(column) && text !== null ? unescaped(text) : text
  }

  override utf8(column: number): Span | null {
    const text = this.#isEscaped(column) ? this.text(column) : null
    if (text === null) return super.utf8(column)
    const bytes = Buffer.from(text)
    return { bytes, from: 0, to: bytes.length }
  }

  #isEscaped(column: number): boolean {
    return this.hasEscapes && this.#escaped.has(column)
  }
}

const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])/g, (_, letter: string) => LETTERS[letter] ?? letter)
