import { lengthened } from './growth.ts'
import { type Span, TextColumn } from './text-column.ts'

/** A table fuller than this is rebuilt at twice the size: linear probing grows slow beyond it. */
const FULLEST = 0.5
const LEAST_SLOTS = 32
/** Tables instead of one, each of which is rebuilt by itself: to rebuild one of a million texts would hold up everybody. */
const TABLE_BITS = 6
const BESIDES_TABLE = 32 - TABLE_BITS

/** FNV-1a with its upper bits mixed into the lower, by which a slot is chosen. */
function hash({ bytes, from, to }: Span): number {
  let value = 0x811c9dc5
  for (let at = from; at < to; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193)
  return (value ^ (value >>> 15)) >>> 0
}

interface Table {
  count: number
  /** Number + 1; 0 is an empty slot. The length is a power of two. */
  slots: Uint32Array
}

/** Texts, each once, numbered from 0 in the order in which they came, and found by their bytes. Keeps no string. */
export class TextIndex {
  readonly texts = new TextColumn()
  #hashes = new Uint32Array(LEAST_SLOTS)
  readonly #tables: readonly Table[] = Array.from({ length: 1 << TABLE_BITS }, () => ({
    count: 0,
    slots: new Uint32Array(LEAST_SLOTS),
  }))
  /** What `findNear` found last. */
  #last = 0

  get count(): number {
    return this.texts.count
  }

  /** -1 where it is not here. */
  find(text: Span): number {
    const hashed = hash(text)
    const { slots } = this.#tables[hashed >>> BESIDES_TABLE]!
    return slots[this.#slotOf(slots, text, hashed)]! - 1
  }

  /** The same, quicker where it is what was found last or the next one: tables mostly tell of one person after the other. */
  findNear(text: Span): number {
    const { texts } = this
    const last = this.#last
    if (last < texts.count && texts.holds(last, text)) return last
    const number = last + 1 < texts.count && texts.holds(last + 1, text) ? last + 1 : this.find(text)
    if (number >= 0) this.#last = number
    return number
  }

  /** The number of a text that is new; -1 where it is here already. */
  add(text: Span): number {
    const hashed = hash(text)
    const table = this.#tables[hashed >>> BESIDES_TABLE]!
    const slot = this.#slotOf(table.slots, text, hashed)
    if (table.slots[slot] !== 0) return -1
    const number = this.count
    if (number === this.#hashes.length) this.#hashes = lengthened(this.#hashes, number * 2)
    this.#hashes[number] = hashed
    this.texts.addSpan(text)
    table.slots[slot] = number + 1
    if (++table.count > table.slots.length * FULLEST) this.#rebuild(table)
    return number
  }

  /** The slot of this text, or the empty one where it would go. */
  #slotOf(slots: Uint32Array, text: Span, hashed: number): number {
    const mask = slots.length - 1
    let slot = hashed & mask
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = slots[slot]! - 1
      if (this.#hashes[number] === hashed && this.texts.holds(number, text)) break
    }
    return slot
  }

  #rebuild(table: Table): void {
    const slots = new Uint32Array(table.slots.length * 2)
    const mask = slots.length - 1
    for (const entry of table.slots) {
      if (entry === 0) continue
      let slot = this.#hashes[entry - 1]! & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = entry
    }
    table.slots = slots
  }
}
