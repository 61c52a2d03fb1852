import { createReadStream } from 'node:fs'
import { fileLines } from '#src/console/file-lines.ts'
import { TrailCheck } from '#src/trail/check.ts'
import { readPublicKey } from '#src/trail/key.ts'
import { answer } from '../peer.ts'

// The process in which an exported record is verified, or, to compare with, only read.

export interface VerifyQuestion {
  readonly path: string
  readonly key: string
}

export interface Verified {
  readonly ms: number
  /** The most that the process had of memory, Node itself included. */
  readonly mib: number
  readonly lines: number
}

answer(async ({ path, key }: VerifyQuestion): Promise<Verified> => {
  const began = performance.now()
  const lines = await (process.argv[2] === 'verify' ? verify(path, key) : read(path))
  const ms = performance.now() - began
  return { ms, mib: process.resourceUsage().maxRSS / 1_024, lines }
})

async function verify(path: string, key: string): Promise<number> {
  const check = new TrailCheck(readPublicKey(key))
  for await (const line of fileLines(path, () => {})) check.take(line)
  return check.end().reduce((sum, { lines }) => sum + lines, 0)
}

async function read(path: string): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 }))
    for (const byte of chunk) if (byte === 10) lines += 1
  return lines
}
