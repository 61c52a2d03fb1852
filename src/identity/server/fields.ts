import type { Span } from '#src/core/text-column.ts'
import type { Fields } from './server.ts'

const ZERO = 48
const NINE = 57
const MOST_ASCII = 127
/** What stands in a decoded text for bytes that are none of UTF-8; also a letter of its own, three bytes long. */
const DOUBTFUL = '\u{fffd}'
/** Where a column begins that is null. */
export const NULL_PLACE = -1
export const MOST_COLUMNS = 64

/** Bytes that are not UTF-8: two different names would be read as one. */
export class NotUtf8 extends Error {}

/** A row in the bytes that it came in. The same object for every row; whoever reads the bytes says where each column lies. */
export class ByteFields implements Fields {
  #bytes: Buffer = Buffer.alloc(0)
  #count = 0
  /** Where each column begins and ends, one after the other. */
  readonly #places = new Int32Array(2 * MOST_COLUMNS)
  readonly #span: Span = { bytes: this.#bytes, from: 0, to: 0 }

  get count(): number {
    return this.#count
  }

  /** For whoever reads rows: places are written there, and `open` says of how many columns. */
  get places(): Int32Array {
    return this.#places
  }

  open(bytes: Buffer, count: number): void {
    this.#bytes = bytes
    this.#count = count
  }

  text(column: number): string | null {
    const from = this.#fromOf(column)
    return from === NULL_PLACE ? null : toText(this.#bytes, from, this.#places[2 * column + 1]!)
  }

  utf8(column: number): Span | null {
    const from = this.#fromOf(column)
    if (from === NULL_PLACE) return null
    const to = this.#places[2 * column + 1]!
    mustBeUtf8(this.#bytes, from, to)
    this.#span.bytes = this.#bytes
    this.#span.from = from
    this.#span.to = to
    return this.#span
  }

  number(column: number): number {
    const from = this.#fromOf(column)
    if (from === NULL_PLACE) return 0
    const to = this.#places[2 * column + 1]!
    let number = 0
    for (let i = from; i < to; i++) {
      const digit = this.#bytes[i]!
      if (digit < ZERO || digit > NINE) return Number(this.text(column)) || 0
      number = number * 10 + (digit - ZERO)
    }
    return number
  }

  #fromOf(column: number): number {
    if (column < 0 || column >= this.#count) throw new RangeError(`A row has ${this.#count} columns, and no ${column}.`)
    return this.#places[2 * column]!
  }
}

/** Plain letters need no second look. */
function mustBeUtf8(bytes: Buffer, from: number, to: number): void {
  for (let i = from; i < to; i++)
    if (bytes[i]! > MOST_ASCII) {
      toText(bytes, from, to)
      return
    }
}

/** Throws `NotUtf8`. */
export function toText(bytes: Buffer, from = 0, to = bytes.length): string {
  const text = bytes.toString('utf8', from, to)
  // The letter itself may stand in a name; what was decoded is then what was there.
  if (text.includes(DOUBTFUL) && !bytes.subarray(from, to).equals(Buffer.from(text))) throw new NotUtf8()
  return text
}
