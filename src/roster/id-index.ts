import { lengthened } from '#src/core/growth.ts'
import { type Halves, readId, toId } from '#src/core/ids.ts'
import type { Id } from '#src/core/model.ts'

/** A table fuller than this is rebuilt at twice the size: linear probing grows slow beyond it. */
const FULLEST = 0.75
const LEAST_SLOTS = 32

/** Neighbouring snowflakes differ in few bits; two odd multipliers spread them over the whole table. */
function hash(high: number, low: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

/**
 * Which row an id has: open addressing over typed arrays, rows dense from 0. It keeps the ids and nothing else;
 * whoever keeps columns beside it moves them as `remove` says.
 */
export class IdIndex {
  #count = 0
  #high = new Uint32Array(0)
  #low = new Uint32Array(0)
  /** Row + 1; 0 is an empty slot. The length is a power of two. */
  #slots = new Uint32Array(LEAST_SLOTS)
  readonly #asked: Halves = { high: 0, low: 0 }
  /** The id that was read into `#asked` last: a fill asks for each three times on end, and reading it is half the work. */
  #askedId: unknown = '0'

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#high.byteLength + this.#low.byteLength + this.#slots.byteLength
  }

  idAt(row: number): Id {
    if (row < 0 || row >= this.#count) throw new RangeError(`row ${row} of ${this.#count}`)
    return toId(this.#high[row]!, this.#low[row]!)
  }

  /** -1 where the id is not here, or is no id. */
  rowOf(id: Id): number {
    return this.#read(id) ? this.rowOfHalves(this.#asked.high, this.#asked.low) : -1
  }

  rowOfHalves(high: number, low: number): number {
    return this.#slots[this.#slotOf(high, low)]! - 1
  }

  /** Room for so many rows in the id columns, made by the caller so that all columns grow together. */
  widen(rows: number): void {
    this.#high = lengthened(this.#high, rows)
    this.#low = lengthened(this.#low, rows)
  }

  /** The new row of an id that has none yet; the last. There must be room. -1 for what is no id. */
  insert(id: Id): number {
    if (!this.#read(id)) return -1
    const { high, low } = this.#asked
    if (this.#count + 1 > this.#slots.length * FULLEST) this.#rebuild(this.#slots.length * 2)
    const row = this.#count++
    this.#high[row] = high
    this.#low[row] = low
    this.#slots[this.#slotOf(high, low)] = row + 1
    return row
  }

  #read(id: Id): boolean {
    if (id === this.#askedId) return true
    if (!readId(id, this.#asked)) return false
    this.#askedId = id
    return true
  }

  /** Takes the row out and moves the last row into its place; returns the row that moved (the row itself where it was the last). */
  remove(row: number): number {
    const last = this.#count - 1
    this.#close(this.#slotOf(this.#high[row]!, this.#low[row]!))
    if (row !== last) this.#move(last, row)
    this.#count = last
    return last
  }

  #move(from: number, to: number): void {
    const high = this.#high[from]!
    const low = this.#low[from]!
    this.#slots[this.#slotOf(high, low)] = to + 1
    this.#high[to] = high
    this.#low[to] = low
  }

  /** The slot of this id, or the empty one where it would go. */
  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1
    let slot = hash(high, low) & mask
    while (this.#slots[slot] !== 0) {
      const row = this.#slots[slot]! - 1
      if (this.#low[row] === low && this.#high[row] === high) break
      slot = (slot + 1) & mask
    }
    return slot
  }

  /** Empties a slot by shifting back what was pushed past it, so that no tombstones pile up. */
  #close(hole: number): void {
    const mask = this.#slots.length - 1
    let empty = hole
    for (let slot = (hole + 1) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#home(this.#slots[slot]! - 1)
      if (((slot - home) & mask) < ((slot - empty) & mask)) continue
      this.#slots[empty] = this.#slots[slot]!
      empty = slot
    }
    this.#slots[empty] = 0
  }

  #home(row: number): number {
    return hash(this.#high[row]!, this.#low[row]!) & (this.#slots.length - 1)
  }

  #rebuild(length: number): void {
    this.#slots = new Uint32Array(length)
    const mask = length - 1
    for (let row = 0; row < this.#count; row++) {
      let slot = this.#home(row)
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = row + 1
    }
  }
}
