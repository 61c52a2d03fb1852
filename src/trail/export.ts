import type { KeyObject } from 'node:crypto'
import { Refusal } from '#src/core/refusal.ts'
import type { Db } from '#src/store/handle.ts'
import { TrailCheck, TrailFault } from './check.ts'
import { originOf, signCheckpoint } from './checkpoint.ts'
import { FIRST_HASH } from './line.ts'
import { MerkleTree } from './merkle.ts'
import { type ChainHead, chainLines, headOf } from './reading.ts'
import { chainAfter, truncationOf } from './truncation.ts'
import { writtenCheckpoint, writtenLine, writtenTruncation } from './written.ts'

/**
 * A chain as it goes into a file, line by line without line breaks, up to the head that was read before, and last a checkpoint that this key signs.
 * First comes what stands for lines that were removed, whoever signed that. Each line is checked as whoever verifies the file will, and nothing is signed
 * that does not hold: throws `TrailFault`, and a `Refusal` where old lines were removed meanwhile.
 */
export async function* exportChain(db: Db, wanted: ChainHead, key: KeyObject): AsyncGenerator<string, void> {
  const truncation = await truncationOf(db, wanted.chain)
  // The line that tells of the removal may be newer than the head that is wanted.
  const head = truncation ? await headOf(db, wanted.chain) : wanted
  try {
    if (truncation) yield writtenTruncation(truncation)
    yield* linesAfter(db, head, truncation, key)
  } catch (error) {
    const isSame = (await truncationOf(db, wanted.chain))?.size === truncation?.size
    throw error instanceof TrailFault && !isSame ? new Refusal(MEANWHILE) : error
  }
}

const MEANWHILE = 'Old lines of the record were removed while it was read. Nothing was signed. Give the command again.'

async function* linesAfter(
  db: Db,
  head: ChainHead,
  truncation: Awaited<ReturnType<typeof truncationOf>>,
  key: KeyObject,
): AsyncGenerator<string, void> {
  const check = new TrailCheck(key, {}, truncation && chainAfter(head.chain, truncation))
  for await (const line of chainLines(db, head.chain, { from: truncation?.size ?? 0, upTo: head.seq })) {
    const written = writtenLine(line)
    check.take(Buffer.from(written))
    yield written
  }
  const { tree, head: last } = check.chain ?? NOTHING
  if (tree.size !== head.seq || last !== head.hash) throw cutOff(head, tree.size)
  const checkpoint = { origin: originOf(head.chain, key), size: tree.size, root: tree.root() }
  yield writtenCheckpoint(signCheckpoint(checkpoint, key))
}

const NOTHING = { tree: new MerkleTree(), head: FIRST_HASH }

export const cutOff = ({ seq }: ChainHead, found: number): TrailFault =>
  new TrailFault(
    found + 1,
    `Line ${(found + 1).toLocaleString('en')} is missing, or is not the one that was written: the chain once had ${seq.toLocaleString('en')} lines, and ${found.toLocaleString('en')} are left.`,
  )
