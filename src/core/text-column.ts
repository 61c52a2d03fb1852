import { lengthened } from './growth.ts'

/** Bytes that a UTF-16 code unit takes in UTF-8 at most. */
const WIDEST = 3

/** A text as UTF-8 among bytes that may be others' a moment later. */
export interface Span {
  bytes: Uint8Array
  from: number
  to: number
}

/** Texts one after the other as UTF-8: a short one costs its letters and four bytes, not an object. Lone surrogates come back as U+FFFD. */
export class TextColumn {
  readonly #encoder = new TextEncoder()
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #bytes = new Uint8Array(0)
  #ends = new Uint32Array(0)
  #count = 0

  get count(): number {
    return this.#count
  }

  add(text: string): void {
    const start = this.#end(this.#count)
    this.#widen(start + text.length * WIDEST)
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(start))
    this.#ends[this.#count++] = start + written
  }

  /** The same without a string in between. What lies there must be UTF-8. */
  addSpan({ bytes, from, to }: Span): void {
    const start = this.#end(this.#count)
    this.#widen(start + to - from)
    for (let at = from; at < to; at++) this.#bytes[start + at - from] = bytes[at]!
    this.#ends[this.#count++] = start + to - from
  }

  at(row: number): string {
    if (row < 0 || row >= this.#count) throw new RangeError(`text ${row} of ${this.#count}`)
    return this.#decoder.decode(this.#bytes.subarray(this.#end(row), this.#end(row + 1)))
  }

  /** Whether the text of this row is that one, byte by byte. */
  holds(row: number, { bytes, from, to }: Span): boolean {
    const start = this.#end(row)
    if (this.#end(row + 1) - start !== to - from) return false
    for (let at = from; at < to; at++) if (this.#bytes[start + at - from] !== bytes[at]) return false
    return true
  }

  /** Itself, with no more room than it needs: nothing is to come any more. */
  fitted(): this {
    this.#bytes = this.#bytes.slice(0, this.#end(this.#count))
    this.#ends = this.#ends.slice(0, this.#count)
    return this
  }

  #end(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1]!
  }

  #widen(bytes: number): void {
    if (bytes > this.#bytes.length) this.#bytes = lengthened(this.#bytes, moreThan(bytes))
    if (this.#count === this.#ends.length) this.#ends = lengthened(this.#ends, moreThan(this.#count))
  }
}

const LEAST = 64

/** Half as much again, since a column that grows is copied each time; `fitted` gives back what was too much. */
const moreThan = (needed: number): number => Math.max(LEAST, needed + (needed >>> 1))
