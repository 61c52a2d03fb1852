import { hash } from 'node:crypto'

// The Merkle tree over a chain, as RFC 6962, section 2.1, has it: whoever holds its root holds every line before it. Of the tree itself only
// the roots of its complete subtrees are kept, one for each bit of its size.

const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)

const sha256 = (...parts: readonly Buffer[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer')

/** The root of a tree without leaves. */
const EMPTY_ROOT = sha256()

/** Stands for an entry that nobody has any more. */
const BLANK = Buffer.alloc(32)

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
    this.#push(sha256(LEAF, leaf), 1)
  }

  /** So many entries of 32 zero bytes, in as many steps as the number has digits: how many are missing may be what somebody made up. */
  appendBlanks(count: number): void {
    for (let left = count; left > 0; ) {
      let [leaves, node] = [1, sha256(LEAF, BLANK)]
      while (leaves * 2 <= left && this.#size % (leaves * 2) === 0)
        [leaves, node] = [leaves * 2, sha256(NODE, node, node)]
      this.#push(node, leaves)
      left -= leaves
    }
  }

  /** `node`: the root of a complete subtree of so many leaves, of which the size is a multiple. */
  #push(node: Buffer, leaves: number): void {
    let whole = node
    for (let rest = this.#size / leaves; rest % 2 === 1; rest = Math.floor(rest / 2))
      whole = sha256(NODE, this.#peaks.pop()!, whole)
    this.#peaks.push(whole)
    this.#size += leaves
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
