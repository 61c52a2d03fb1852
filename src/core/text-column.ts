import { lengthened, roomFor } from './growth.ts'

/** Bytes that a UTF-16 code unit takes in UTF-8 at most. */
const WIDEST = 3

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

  at(row: number): string {
    if (row < 0 || row >= this.#count) throw new RangeError(`text ${row} of ${this.#count}`)
    return this.#decoder.decode(this.#bytes.subarray(this.#end(row), this.#end(row + 1)))
  }

  #end(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1]!
  }

  #widen(bytes: number): void {
    if (bytes > this.#bytes.length) this.#bytes = lengthened(this.#bytes, roomFor(bytes, this.#bytes.length))
    if (this.#count === this.#ends.length)
      this.#ends = lengthened(this.#ends, roomFor(this.#count + 1, this.#ends.length))
  }
}
