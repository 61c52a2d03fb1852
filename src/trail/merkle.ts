import { hash } from 'node:crypto'

// The Merkle tree over a chain, as RFC 6962, section 2.1, has it: whoever holds its root holds every line before it. Of the tree itself only
// the roots of its complete subtrees are kept, one for each bit of its size.

const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)

const sha256 = (...parts: readonly Buffer[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer')

/** The root of a tree without leaves. */
const EMPTY_ROOT = sha256()

export class MerkleTree {
  readonly #peaks: Buffer[]
  #size: number

  /** Goes on from a tree of this size with these roots of its complete subtrees, the largest first, 32 bytes each. */
  constructor(size = 0, peaks: readonly Buffer[] = []) {
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`A tree cannot have ${size} leaves.`)
    if (peaks.length !== onesIn(size))
      throw new RangeError(`A tree of ${size} leaves has not ${peaks.length} complete subtrees.`)
    this.#size = size
    this.#peaks = [...peaks]
  }

  get size(): number {
    return this.#size
  }

  get peaks(): readonly Buffer[] {
    return this.#peaks
  }

  /** `leaf`: the bytes of the entry itself. */
  append(leaf: Buffer): void {
    let node = sha256(LEAF, leaf)
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2))
      node = sha256(NODE, this.#peaks.pop()!, node)
    this.#peaks.push(node)
    this.#size += 1
  }

  /** 32 bytes. */
  root(): Buffer {
    const last = this.#peaks.at(-1)
    if (!last) return EMPTY_ROOT
    return this.#peaks.slice(0, -1).reduceRight((right, left) => sha256(NODE, left, right), last)
  }
}

function onesIn(size: number): number {
  let ones = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2
  return ones
}
