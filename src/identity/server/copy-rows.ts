import { ByteFields } from './fields.ts'
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

  read(piece: Buffer): void {
    const bytes = this.#rest === null ? piece : Buffer.concat([this.#rest, piece])
    const end = this.#readLines(bytes)
    this.#rest = end === bytes.length ? null : bytes.subarray(end)
  }

  /** Whether the last row has come to its end. */
  get whole(): boolean {
    return this.#rest === null
  }

  /** Where the last line that is whole ends. */
  #readLines(bytes: Buffer): number {
    const fields = this.#fields
    let lineStart = 0
    let from = 0
    fields.open(bytes, 0)
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === BACKSLASH) {
        fields.markEscape()
        at++
      } else if (byte === TAB || byte === NEWLINE) {
        fields.close(from, at)
        from = at + 1
        if (byte === TAB) continue
        this.#onRow(fields)
        lineStart = from
        fields.open(bytes, from)
      }
    }
    return lineStart
  }
}

/** A row of which some columns may hold escapes. */
class CopyFields extends ByteFields {
  #bytes: Buffer = Buffer.alloc(0)
  #hasEscapes = false
  readonly #escaped = new Set<number>()

  override open(bytes: Buffer, start: number): void {
    super.open(bytes, start)
    this.#bytes = bytes
    if (!this.#hasEscapes) return
    this.#hasEscapes = false
    this.#escaped.clear()
  }

  /** The column that is being read holds an escape. */
  markEscape(): void {
    this.#hasEscapes = true
    this.#escaped.add(this.count)
  }

  close(from: number, to: number): void {
    if (this.#hasEscapes && to - from === 2 && this.#bytes[from] === BACKSLASH && this.#bytes[from + 1] === N)
      this.addNull()
    else this.add(from, to)
  }

  override text(column: number): string | null {
    const text = super.text(column)
    return this.#hasEscapes && text !== null && this.#escaped.has(column) ? unescaped(text) : text
  }
}

const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])/g, (_, letter: string) => LETTERS[letter] ?? letter)
