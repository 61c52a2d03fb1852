import { readCheckpoint } from './checkpoint.ts'
import { MerkleTree } from './merkle.ts'

// What is kept of a tree beside the checkpoint over it, so that it can grow on.

const PEAK = /.{64}/g

const readPeaks = (hex: string): readonly Buffer[] => (hex.match(PEAK) ?? []).map((peak) => Buffer.from(peak, 'hex'))

export const writtenPeaks = (tree: MerkleTree): string => tree.peaks.map((peak) => peak.toString('hex')).join('')

/** The tree that a checkpoint is over; null where these are not its subtrees. */
export function treeOf(note: string, peaks: string): MerkleTree | null {
  const checkpoint = readCheckpoint(note)
  if (checkpoint === null) return null
  try {
    const tree = new MerkleTree(checkpoint.size, readPeaks(peaks))
    return tree.root().equals(checkpoint.root) ? tree : null
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
