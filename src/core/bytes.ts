import { lengthened, roomFor } from './growth.ts'

// Numbers and texts one after the other as bytes, the same on every machine.

const SEVEN_BITS = 0x7f
const MORE = 0x80
/** Bytes that a UTF-16 code unit takes in UTF-8 at most. */
const WIDEST = 3
/** A number of 32 bits, seven at a time. */
const LONGEST_COUNT = 5
const WORD = 4

export class ByteWriter {
  readonly #encoder = new TextEncoder()
  #bytes = new Uint8Array(0)
  #length = 0

  /** A whole number from 0 to 2^32-1; a small one takes one byte. */
  count(value: number): void {
    const bytes = this.#room(LONGEST_COUNT)
    let at = this.#length
    let rest = value
    for (; rest > SEVEN_BITS; rest >>>= 7) bytes[at++] = (rest & SEVEN_BITS) | MORE
    bytes[at++] = rest
    this.#length = at
  }

  /** All 32 bits of a number that is seldom small. */
  word(value: number): void {
    const bytes = this.#room(WORD)
    const at = this.#length
    bytes[at] = value >>> 24
    bytes[at + 1] = value >>> 16
    bytes[at + 2] = value >>> 8
    bytes[at + 3] = value
    this.#length = at + WORD
  }

  /** Lone surrogates come back as U+FFFD. */
  text(text: string): void {
    const bytes = this.#room(LONGEST_COUNT + text.length * WIDEST)
    if (text.length > SEVEN_BITS || !this.#plain(text, bytes)) this.#encoded(text, bytes)
  }

  /** Of a short text in ASCII each letter is a byte, which is far quicker than to have it encoded. False where it is none. */
  #plain(text: string, bytes: Uint8Array): boolean {
    const start = this.#length + 1
    for (let at = 0; at < text.length; at++) {
      const letter = text.charCodeAt(at)
      if (letter > SEVEN_BITS) return false
      bytes[start + at] = letter
    }
    bytes[this.#length] = text.length
    this.#length = start + text.length
    return true
  }

  #encoded(text: string, bytes: Uint8Array): void {
    const start = this.#length + LONGEST_COUNT
    const { written } = this.#encoder.encodeInto(text, bytes.subarray(start))
    this.count(written)
    bytes.copyWithin(this.#length, start, start + written)
    this.#length += written
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** The bytes, with room for so many more. */
  #room(more: number): Uint8Array {
    const needed = this.#length + more
    if (needed > this.#bytes.length) this.#bytes = lengthened(this.#bytes, roomFor(needed, this.#bytes.length))
    return this.#bytes
  }
}

/** Reads what a `ByteWriter` wrote, in the same order. Throws `RangeError` where the bytes end too early. */
export class ByteReader {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  count(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#next()
      value |= (byte & SEVEN_BITS) << shift
      if (byte < MORE) return value >>> 0
    }
  }

  word(): number {
    let value = 0
    for (let nth = 0; nth < WORD; nth++) value = (value << 8) | this.#next()
    return value >>> 0
  }

  text(): string {
    const end = this.count() + this.#at
    if (end > this.#bytes.length) throw new RangeError('The bytes end in the middle of a text.')
    const text = this.#decoder.decode(this.#bytes.subarray(this.#at, end))
    this.#at = end
    return text
  }

  #next(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new RangeError('The bytes end too early.')
    return byte
  }
}
