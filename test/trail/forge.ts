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

/** A chain of this many lines, and a checkpoint over them, without line breaks. */
export function record(lines: number, guildId: string | null = '1000', key: KeyObject = KEY): string[] {
  const tree = new MerkleTree()
  const written: string[] = []
  let prevHash = FIRST_HASH
  for (let seq = 1; seq <= lines; seq++) {
    const line = lineNumber(guildId, seq)
    const chained: ChainedLine = { ...line, prevHash, hash: hashOf(prevHash, line) }
    prevHash = chained.hash
    tree.append(Buffer.from(chained.hash, 'hex'))
    written.push(writtenLine(chained))
  }
  const origin = originOf(guildId ?? 'installation', key)
  return [...written, writtenCheckpoint(signCheckpoint({ origin, size: lines, root: tree.root() }, key))]
}
