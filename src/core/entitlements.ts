import { entitledTo } from './facts.ts'
import type { Id, Identity } from './model.ts'
import type { Scope } from './scope.ts'

/** In place of a set: the row must be looked at whatever roles it holds. */
export const LOOK = -2

/** One of the roster's mask columns: which of its bits are governed, and which of them each set has earned. */
export interface EarnedWord {
  readonly column: number
  readonly governed: number
  readonly earned: Uint32Array
}

/** Groups in the order in which a person has them lead from node to node; where they end stands the set. */
interface Path {
  readonly next: Map<string, Path>
  set: number | null
}

/**
 * The distinct sets of roles that people have earned, as bits. People are many and combinations of groups and states are few,
 * so each is worked out once. Bounded by the people it was asked of.
 */
export class Entitlements {
  readonly #scope: Scope
  readonly #bits: ReadonlyMap<Id, number>
  readonly #columns: readonly number[]
  readonly #states = new Map<string | null, Path>()
  readonly #masks: number[][]
  #size = 0

  /** `bits` names the bit of each governed role that has one. */
  constructor(bits: ReadonlyMap<Id, number>, scope: Scope) {
    this.#scope = scope
    this.#bits = bits
    const columns = [...new Set([...bits.values()].map((bit) => bit >>> 5))].sort((a, b) => a - b)
    // At least one, so that whoever compares has something to compare with.
    this.#columns = columns.length > 0 ? columns : [0]
    this.#masks = this.#columns.map(() => [])
  }

  /** The number of the set, or `LOOK` where a role was earned that no bit stands for: then the person cannot hold it. */
  setOf(identity: Identity): number {
    const path = this.#pathOf(identity)
    path.set ??= this.#add(entitledTo(identity, this.#scope))
    return path.set
  }

  words(): readonly EarnedWord[] {
    const governed = this.#masksOf([...this.#bits.values()])
    return this.#columns.map((column, at) => ({
      column,
      governed: governed[at]!,
      earned: Uint32Array.from(this.#masks[at]!),
    }))
  }

  #pathOf({ state, groups }: Identity): Path {
    const { byGroup } = this.#scope.governed
    let path = step(this.#states, state)
    for (const group of groups) if (byGroup.get(group)?.length) path = step(path.next, group)
    return path
  }

  #add(earned: ReadonlySet<Id>): number {
    const bits = [...earned].map((id) => this.#bits.get(id))
    if (bits.includes(undefined)) return LOOK
    for (const [at, mask] of this.#masksOf(bits as number[]).entries()) this.#masks[at]!.push(mask)
    return this.#size++
  }

  #masksOf(bits: readonly number[]): readonly number[] {
    const masks = this.#columns.map(() => 0)
    // Bit 31 makes a signed number negative; the columns are unsigned.
    for (const bit of bits) masks[this.#columns.indexOf(bit >>> 5)]! |= 1 << (bit & 31)
    return masks.map((mask) => mask >>> 0)
  }
}

function step<K>(paths: Map<K, Path>, key: K): Path {
  const known = paths.get(key)
  if (known) return known
  const path: Path = { next: new Map(), set: null }
  paths.set(key, path)
  return path
}
