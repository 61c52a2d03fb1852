import { hash } from 'node:crypto'
import { type Halves, readId, toId } from '#src/core/ids.ts'
import type { Id } from '#src/core/model.ts'
import type { Changed } from '../watchers.ts'

/** So many people changed at once that it costs less to look at everybody. */
const MOST_NAMED = 5_000
const LEAST_SLOTS = 64
const FULLEST = 0.7

/** A slot: two words of the identity's hashed id, two of its hashed fingerprint, its Discord id in two halves, and how many it has. */
const WORDS = 7
const ID = 0
const PRINT = 2
const LINK = 4
const LINKS = 6

const UNUSED = 0
const NONE = 1
const ONE = 2
const SEVERAL = 3

/**
 * What each identity came to at one reading, in 40 bytes each whatever they are called: hashes of 64 bits, and the Discord account. Were two hashes ever
 * the same, a change would be told late, by the next run.
 */
export class Prints {
  #count = 0
  #slots = new Uint32Array(LEAST_SLOTS * WORDS)

  get count(): number {
    return this.#count
  }

  add(id: string, fingerprint: string, discordIds: readonly Id[]): void {
    if (this.#count + 1 > (this.#slots.length / WORDS) * FULLEST) this.#widen()
    const [high, low] = hashOf(id)
    const slot = this.#slotOf(high, low)
    if (this.#slots[slot + LINKS] === UNUSED) this.#count++
    this.#slots.set([high, low, ...hashOf(`${fingerprint} ${discordIds.join(' ')}`), ...linkOf(discordIds)], slot)
  }

  /** The Discord ids of everybody who came, went or is otherwise in `next`; `all` where they are many, or it is not known which accounts they had. */
  changesTo(next: Prints): Changed {
    const changed = new Set<Id>()
    const isNamed = this.#name(next, changed) && next.#name(this, changed)
    return isNamed ? [...changed] : 'all'
  }

  /** Adds the accounts of those whom the other has otherwise or not at all. False where they cannot be named. */
  #name(other: Prints, changed: Set<Id>): boolean {
    for (let slot = 0; slot < this.#slots.length; slot += WORDS) {
      const links = this.#slots[slot + LINKS]!
      if (links === UNUSED || this.#isSame(slot, other)) continue
      if (links === SEVERAL || changed.size >= MOST_NAMED) return false
      if (links === ONE) changed.add(toId(this.#slots[slot + LINK]!, this.#slots[slot + LINK + 1]!))
    }
    return true
  }

  #isSame(slot: number, other: Prints): boolean {
    const there = other.#slotOf(this.#slots[slot + ID]!, this.#slots[slot + ID + 1]!)
    if (other.#slots[there + LINKS] === UNUSED) return false
    return [PRINT, PRINT + 1].every((word) => other.#slots[there + word] === this.#slots[slot + word])
  }

  /** The slot of this id, or the unused one where it would go. */
  #slotOf(high: number, low: number): number {
    const slots = this.#slots.length / WORDS
    let slot = (low & (slots - 1)) * WORDS
    while (this.#slots[slot + LINKS] !== UNUSED && !this.#holds(slot, high, low))
      slot = (slot + WORDS) % this.#slots.length
    return slot
  }

  #holds(slot: number, high: number, low: number): boolean {
    return this.#slots[slot + ID] === high && this.#slots[slot + ID + 1] === low
  }

  #widen(): void {
    const old = this.#slots
    this.#slots = new Uint32Array(old.length * 2)
    for (let slot = 0; slot < old.length; slot += WORDS) {
      if (old[slot + LINKS] === UNUSED) continue
      this.#slots.set(old.subarray(slot, slot + WORDS), this.#slotOf(old[slot + ID]!, old[slot + ID + 1]!))
    }
  }
}

function hashOf(text: string): readonly [number, number] {
  const digest = hash('sha256', text, 'buffer')
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)]
}

function linkOf(discordIds: readonly Id[]): readonly [number, number, number] {
  const read: Halves = { high: 0, low: 0 }
  if (discordIds.length === 0) return [0, 0, NONE]
  return discordIds.length === 1 && readId(discordIds[0], read) ? [read.high, read.low, ONE] : [0, 0, SEVERAL]
}
