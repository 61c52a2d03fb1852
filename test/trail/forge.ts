import { createPrivateKey, type KeyObject } from 'node:crypto'
import { originOf, signCheckpoint } from '#src/trail/checkpoint.ts'
import { type ChainedLine, FIRST_HASH, hashOf, type TrailLine } from '#src/trail/line.ts'
import { MerkleTree } from '#src/trail/merkle.ts'
import { writtenCheckpoint, writtenLine } from '#src/trail/written.ts'

// Records made out of nothing, the same each time.

/** RFC 8410's own example, so that everybody can see that it is no secret. */
export const KEY: KeyObject = createPrivateKey(
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n',
)

const START = Date.parse('2026-01-01T00:00:00Z')

const lineNumber = (guildId: string | null, seq: number): TrailLine => ({
  ...{ guildId, seq, id: `0198c0de-0000-7000-8000-${String(seq).padStart(12, '0')}`, at: START + seq },
  ...{ type: 'action.settled', actor: 'system:realtime', subject: `member:${100 + (seq % 7)}`, cause: null, run: 'r1' },
  data: { outcome: 'done', roles: [String(seq)], note: 'é"\\\u2028😀' },
})

/** What may be different about a line. */
export type Changes = (seq: number) => Partial<TrailLine>

/** The lines of a chain. */
export function chained(lines: number, guildId: string | null = '1000', changes: Changes = () => ({})): ChainedLine[] {
  const made: ChainedLine[] = []
  for (let seq = 1; seq <= lines; seq++) {
    const line = { ...lineNumber(guildId, seq), ...changes(seq) }
    const prevHash = made.at(-1)?.hash ?? FIRST_HASH
    made.push({ ...line, prevHash, hash: hashOf(prevHash, line) })
  }
  return made
}

/** Without the lines for which there is null, which are blanks in the tree. */
export function written(lines: readonly (ChainedLine | null)[], guildId: string | null = '1000', key = KEY): string[] {
  const tree = new MerkleTree()
  for (const line of lines) tree.append(line ? Buffer.from(line.hash, 'hex') : Buffer.alloc(32))
  const checkpoint = { origin: originOf(guildId ?? 'installation', key), size: lines.length, root: tree.root() }
  const there = lines.filter((line) => line !== null)
  return [...there.map(writtenLine), writtenCheckpoint(signCheckpoint(checkpoint, key))]
}

/** A chain of this many lines, and a checkpoint over them, without line breaks. */
export const record = (lines: number, guildId: string | null = '1000', key: KeyObject = KEY): string[] =>
  written(chained(lines, guildId), guildId, key)
