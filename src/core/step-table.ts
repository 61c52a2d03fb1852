import { lengthened } from './growth.ts'

/** Where every way begins. */
export const ROOT = 0
/** A table fuller than this is rebuilt at twice the size: linear probing grows slow beyond it. */
const FULLEST = 0.5
const LEAST_SLOTS = 1_024

const hash = (node: number, by: number): number => {
  const mixed = Math.imul(Math.imul(node, 0x9e3779b1) ^ by, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}

/** A tree whose nodes are numbered as they are first come to: where a step from a node leads, by a number. */
export class StepTable {
  /** The nodes that there are, the root among them. */
  count = 1
  #from: Uint32Array
  #by: Uint32Array
  /** The node to which a slot leads; 0: an empty slot, since nothing leads to the root. The length is a power of two. */
  #slots: Uint32Array

  /** Where it is known how many steps may come, none holds up anybody while the table is made anew. */
  constructor(steps = 0) {
    const slots = LEAST_SLOTS * 2 ** Math.max(0, Math.ceil(Math.log2((steps + 2) / FULLEST / LEAST_SLOTS)))
    this.#slots = new Uint32Array(slots)
    this.#from = new Uint32Array(slots)
    this.#by = new Uint32Array(slots)
  }

  step(node: number, by: number): number {
    const slot = this.#slotOf(node, by)
    const known = this.#slots[slot]!
    if (known !== 0) return known
    this.#from[this.count] = node
    this.#by[this.count] = by
    this.#slots[slot] = this.count++
    if (this.count > this.#slots.length * FULLEST) this.#rebuild(this.#slots.length * 2)
    return this.count - 1
  }

  #slotOf(node: number, by: number): number {
    const mask = this.#slots.length - 1
    let slot = hash(node, by) & mask
    while (this.#slots[slot] !== 0 && !this.#isStep(this.#slots[slot]!, node, by)) slot = (slot + 1) & mask
    return slot
  }

  #isStep(to: number, node: number, by: number): boolean {
    return this.#by[to] === by && this.#from[to] === node
  }

  #rebuild(length: number): void {
    this.#slots = new Uint32Array(length)
    this.#from = lengthened(this.#from, length)
    this.#by = lengthened(this.#by, length)
    for (let node = 1; node < this.count; node++) this.#slots[this.#slotOf(this.#from[node]!, this.#by[node]!)] = node
  }
}
