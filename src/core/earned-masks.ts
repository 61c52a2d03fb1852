import type { MemberColumns } from './columns.ts'
import type { Earned } from './earnings.ts'
import type { Governed } from './governed.ts'
import type { Id } from './model.ts'

/** In place of a set: the row must be looked at whatever roles it holds. */
export const LOOK = -2

/** Two of the roster's mask columns (the same one twice where it has no partner), and what of them is governed and earned. */
export interface MaskPair {
  readonly columns: readonly [number, number]
  readonly governed: readonly [number, number]
  /** Set `s` has earned the bits at `2 * s` of the first column and those at `2 * s + 1` of the second. */
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
  pairs(): readonly MaskPair[] {
    const columns = [...new Set([...this.#bits.values()].map((bit) => bit >>> 5))].sort((a, b) => a - b)
    const pairs = [this.#pairOf(columns[0] ?? 0, columns[1] ?? columns[0] ?? 0)]
    for (let at = 2; at < columns.length; at += 2)
      pairs.push(this.#pairOf(columns[at]!, columns[at + 1] ?? columns[at]!))
    return pairs
  }

  #pairOf(first: number, second: number): MaskPair {
    const governed = [...this.#bits.values()]
    const earned = this.#bitsOfSets.flatMap((bits) => [maskOf(bits, first), maskOf(bits, second)])
    return {
      columns: [first, second],
      governed: [maskOf(governed, first), maskOf(governed, second)],
      earned: Int32Array.from(earned),
    }
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
