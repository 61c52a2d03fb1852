import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { originOf, signCheckpoint } from '#src/trail/checkpoint.ts'
import { openKey, publicBytes } from '#src/trail/key.ts'
import { MerkleTree } from '#src/trail/merkle.ts'
import { writtenCheckpoint, writtenLine } from '#src/trail/written.ts'
import { Peer } from '../peer.ts'
import { chainOf } from '../record/lines.ts'
import type { Verified, VerifyQuestion } from '../record/verifier.ts'
import { singleRow } from '../row.ts'

const LINES = 1_000_000
const QUICK_LINES = 10_000
const DEADLINE_MS = 300_000
const GUILD = '100'

/** An exported record with its checkpoint, from a file and a public key alone: as `rolecall trail verify` does it. */
export const trailVerify = singleRow({
  ...{ name: 'trail.verify_1m', unit: 's', goal: 10, bound: 'at most', deadlineMs: DEADLINE_MS },
  measure: async ({ quick }, progress) => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-bench-'))
    try {
      const lines = quick ? QUICK_LINES : LINES
      progress(`writing a record of ${lines} lines`)
      const question = await write(folder, lines)
      progress('verifying it')
      const verified = await ask('verify', question)
      const read = await ask('read', question)
      if (verified.lines !== lines) throw new Error(`${verified.lines} lines were verified, not ${lines}`)
      const size = statSync(question.path).size / 2 ** 20
      const note = `${size.toFixed(0)} MiB with ${verified.mib.toFixed(0)} MiB of memory at most; reading alone takes ${(read.ms / 1_000).toFixed(1)} s and ${read.mib.toFixed(0)} MiB`
      return { ours: verified.ms / 1_000, baseline: null, notes: [note] }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
})

async function write(folder: string, lines: number): Promise<VerifyQuestion> {
  const key = await openKey(join(folder, 'trail.key'))
  const path = join(folder, 'trail.jsonl')
  const file = createWriteStream(path)
  const tree = new MerkleTree()
  for (const line of chainOf(GUILD, lines, Date.parse('2026-01-01T00:00:00Z'))) {
    tree.append(Buffer.from(line.hash, 'hex'))
    if (!file.write(`${writtenLine(line)}\n`)) await once(file, 'drain')
  }
  const checkpoint = { origin: originOf(GUILD, key), size: lines, root: tree.root() }
  file.end(`${writtenCheckpoint(signCheckpoint(checkpoint, key))}\n`)
  await once(file, 'finish')
  return { path, key: publicBytes(key).toString('base64') }
}

async function ask(what: 'verify' | 'read', question: VerifyQuestion): Promise<Verified> {
  const peer = new Peer<VerifyQuestion>(new URL('../record/verifier.ts', import.meta.url), [what])
  try {
    return await peer.ask<Verified>(question)
  } finally {
    peer.stop()
  }
}
