import type { MemberColumns } from './columns.ts'
import type { Earned } from './earnings.ts'
import type { Governed } from './governed.ts'
import type { Id } from './model.ts'

/** In place of a set: the row must be looked at whatever roles it holds. */
export const LOOK = -2

/** One of the roster's mask columns, and what of it is governed and earned. */
export interface EarnedWord {
  readonly column: number
  readonly governed: number
  /** The earned bits of each set. */
  readonly earned: Int32Array
}

/** The distinct sets of earned roles, numbered, as bits of the mask columns in which governed roles have bits at all. */
export class EarnedMasks {
  readonly #bits: ReadonlyMap<Id, number>
  readonly #sets = new Map<Earned, number>()
  readonly #bitsOfSets: (readonly number[])[] = []

  constructor(roster: MemberColumns, governed: Governed) {
    this.#bits = governedBits(roster, governed)
  }

  /** The number of the set, or `LOOK` where a role was earned that no bit stands for: then nobody holds it. */
  setOf(earned: Earned): number {
    const known = this.#sets.get(earned)
    if (known !== undefined) return known
    const bits = earned.sorted.map((id) => this.#bits.get(id)).filter((bit) => bit !== undefined)
    const set = bits.length < earned.sorted.length ? LOOK : this.#bitsOfSets.push(bits) - 1
    this.#sets.set(earned, set)
    return set
  }

  /** At least one, so that whoever compares has something to compare with. */
  words(): readonly EarnedWord[] {
    const governed = [...this.#bits.values()]
    const columns = [...new Set(governed.map((bit) => bit >>> 5))].sort((a, b) => a - b)
    return (columns.length > 0 ? columns : [0]).map((column) => ({
      column,
      governed: maskOf(governed, column),
      earned: Int32Array.from(this.#bitsOfSets, (bits) => maskOf(bits, column)),
    }))
  }
}

function maskOf(bits: readonly number[], column: number): number {
  let mask = 0
  for (const bit of bits) if (bit >>> 5 === column) mask |= 1 << (bit & 31)
  return mask
}

function governedBits({ roleIds, words }: MemberColumns, governed: Governed): ReadonlyMap<Id, number> {
  const bits = new Map<Id, number>()
  for (let bit = 0; bit < Math.min(roleIds.length, words.length * 32); bit++) {
    const id = roleIds[bit]
    if (id !== undefined && governed.roleIds.has(id)) bits.set(id, bit)
  }
  return bits
}
