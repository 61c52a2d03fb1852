import { hash } from 'node:crypto'
import { expect, it } from 'vitest'
import { MerkleTree } from '#src/trail/merkle.ts'

// The tree against the definition of RFC 6962, section 2.1, written out as it stands there.

const sha256 = (...parts: Buffer[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer')

function definition(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves
  if (only === undefined) return sha256()
  if (leaves.length === 1) return sha256(Buffer.of(0), only)
  let half = 1
  while (half * 2 < leaves.length) half *= 2
  return sha256(Buffer.of(1), definition(leaves.slice(0, half)), definition(leaves.slice(half)))
}

const leaf = (number: number): Buffer => Buffer.from(`leaf ${number}`)

it('has the root that RFC 6962 defines, at every size up to 130', () => {
  const tree = new MerkleTree()
  const leaves: Buffer[] = []
  for (let size = 0; size <= 130; size++) {
    expect(tree.root()).toEqual(definition(leaves))
    expect(tree.size).toBe(size)
    leaves.push(leaf(size))
    tree.append(leaf(size))
  }
})

it('goes on from what was kept of it', () => {
  const [whole, first] = [new MerkleTree(), new MerkleTree()]
  for (let number = 0; number < 37; number++) whole.append(leaf(number))
  for (let number = 0; number < 21; number++) first.append(leaf(number))
  const later = new MerkleTree(first.size, first.peaks)
  for (let number = 21; number < 37; number++) later.append(leaf(number))
  expect(later.root()).toEqual(whole.root())
})

it('takes any number of blanks at once as it would take them one by one', () => {
  const blank = Buffer.alloc(32)
  for (let before = 0; before < 20; before++)
    for (const blanks of [1, 2, 5, 8, 31]) {
      const leaves = Array.from({ length: before }, (_, number) => leaf(number))
      const tree = new MerkleTree()
      for (const one of leaves) tree.append(one)
      tree.appendBlanks(blanks)
      tree.append(leaf(99))
      expect(tree.root()).toEqual(definition([...leaves, ...Array(blanks).fill(blank), leaf(99)]))
    }
})

it.each([
  [3, 1],
  [4, 2],
  [-1, 0],
  [0.5, 0],
])('cannot be of size %d with %d subtrees', (size, peaks) => {
  expect(() => new MerkleTree(size, Array(peaks).fill(Buffer.alloc(32)))).toThrow(RangeError)
})
