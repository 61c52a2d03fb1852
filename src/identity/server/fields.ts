import type { Fields } from './server.ts'

const ZERO = 48
const NINE = 57
const MOST_ASCII = 127
/** What stands in a decoded text for bytes that are none of UTF-8; also a letter of its own, three bytes long. */
const DOUBTFUL = '\u{fffd}'
const NOBODY = -1
const MOST_COLUMNS = 64

/** Bytes that are not UTF-8: two different names would be read as one. */
export class NotUtf8 extends Error {}

/** A row in the bytes that it came in. The same object for every row; whoever reads the bytes says where each column lies. */
export class ByteFields implements Fields {
  #bytes: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  #count = 0
  readonly #from = new Int32Array(MOST_COLUMNS)
  readonly #to = new Int32Array(MOST_COLUMNS)
  /** The whole row, one character a byte: to cut columns out of it is several times quicker than to decode each. */
  #row: string | null = null
  #isAscii = false

  get count(): number {
    return this.#count
  }

  open(bytes: Buffer, start: number): void {
    this.#bytes = bytes
    this.#start = start
    this.#end = start
    this.#count = 0
    this.#row = null
  }

  add(from: number, to: number): void {
    if (this.#count === MOST_COLUMNS) throw new RangeError(`A row has more than ${MOST_COLUMNS} columns.`)
    this.#from[this.#count] = from
    this.#to[this.#count++] = to
    if (to > this.#end) this.#end = to
  }

  addNull(): void {
    this.add(NOBODY, NOBODY)
  }

  text(column: number): string | null {
    const raw = this.raw(column)
    if (raw === null || this.#isAscii) return raw
    return toText(this.#bytes, this.#from[column]!, this.#to[column]!)
  }

  raw(column: number): string | null {
    const from = this.#fromOf(column)
    if (from === NOBODY) return null
    const row = this.#row ?? this.#readRow()
    return row.slice(from - this.#start, this.#to[column]! - this.#start)
  }

  number(column: number): number {
    const from = this.#fromOf(column)
    if (from === NOBODY) return 0
    const to = this.#to[column]!
    let number = 0
    for (let i = from; i < to; i++) {
      const digit = this.#bytes[i]!
      if (digit < ZERO || digit > NINE) return Number(this.raw(column)) || 0
      number = number * 10 + (digit - ZERO)
    }
    return number
  }

  #fromOf(column: number): number {
    if (column < 0 || column >= this.#count) throw new RangeError(`A row has ${this.#count} columns, and no ${column}.`)
    return this.#from[column]!
  }

  #readRow(): string {
    this.#isAscii = isAscii(this.#bytes, this.#start, this.#end)
    this.#row = this.#bytes.toString('latin1', this.#start, this.#end)
    return this.#row
  }
}

function isAscii(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i]! > MOST_ASCII) return false
  return true
}

/** Throws `NotUtf8`. */
export function toText(bytes: Buffer, from = 0, to = bytes.length): string {
  const text = bytes.toString('utf8', from, to)
  // The letter itself may stand in a name; what was decoded is then what was there.
  if (text.includes(DOUBTFUL) && !bytes.subarray(from, to).equals(Buffer.from(text))) throw new NotUtf8()
  return text
}
