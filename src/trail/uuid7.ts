// UUIDs of version 7 (RFC 9562, section 5.7): sorted by when they were made, and unguessable.

/** The counter has the 12 bits of `rand_a` (RFC 9562, section 6.2, method 1). */
const COUNTER_LIMIT = 0x1000
/** The counter starts in the lower half, so that a burst has room to count in. */
const COUNTER_START = 0x7ff

/** Makes ids that only ever grow, even where the clock stands still or steps back. */
export class Uuid7 {
  readonly #now: () => number
  readonly #random: (bytes: number) => Uint8Array
  #milliseconds = 0
  #counter = 0

  /** `now` in milliseconds since the epoch; `random` is a source fit for secrets. */
  constructor(now: () => number, random: (bytes: number) => Uint8Array) {
    this.#now = now
    this.#random = random
  }

  next(): string {
    const random = Buffer.from(this.#random(10))
    this.#step(random.readUInt16BE(8))
    const bytes = Buffer.alloc(16)
    bytes.writeUIntBE(this.#milliseconds, 0, 6)
    bytes.writeUInt16BE(0x7000 | this.#counter, 6)
    random.copy(bytes, 8, 0, 8)
    bytes[8] = 0x80 | (bytes[8]! & 0x3f)
    return dashed(bytes.toString('hex'))
  }

  #step(random: number): void {
    const now = this.#now()
    if (now > this.#milliseconds) {
      this.#milliseconds = now
      this.#counter = random & COUNTER_START
    } else if (++this.#counter === COUNTER_LIMIT) {
      // A full counter borrows from the time to come.
      this.#milliseconds++
      this.#counter = 0
    }
  }
}

const dashed = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
