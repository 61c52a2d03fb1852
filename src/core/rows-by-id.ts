import type { PeopleColumns } from './people.ts'

/** An id's slot is looked for from here on: FNV-1a over its letters. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

const LEAST = 16

/** Finds people by their ids at eight bytes a person or so, where a map of a million texts would take a hundred. */
export class RowsById {
  readonly #people: PeopleColumns
  /** A power of two, at most half of it in use: a row's number and one, or 0. */
  readonly #slots: Uint32Array

  constructor(people: PeopleColumns) {
    this.#people = people
    let room = LEAST
    while (room < people.count * 2) room *= 2
    this.#slots = new Uint32Array(room)
  }

  add(row: number): void {
    this.#slots[this.#slotOf(this.#people.identityAt(row).id)] = row + 1
  }

  /** -1: nobody who was added has this id. */
  rowOf(id: string): number {
    return this.#slots[this.#slotOf(id)]! - 1
  }

  /** Where this id is, or would be. */
  #slotOf(id: string): number {
    const last = this.#slots.length - 1
    let slot = hashOf(id) & last
    while (this.#slots[slot] !== 0 && this.#people.identityAt(this.#slots[slot]! - 1).id !== id)
      slot = (slot + 1) & last
    return slot
  }
}
