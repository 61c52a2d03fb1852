import { Refusal } from '#src/core/refusal.ts'
import { TrailCheck } from '#src/trail/check.ts'
import { readPublicKey } from '#src/trail/key.ts'
import { fileLines } from './file-lines.ts'
import { readKept } from './kept-checkpoint.ts'
import { progressLine, tellFault, tellWhole } from './trail-words.ts'

// `rolecall trail verify`: of a file with the file and a public key alone.

export interface VerifyOptions {
  readonly key?: string
  /** Files, each with a checkpoint that was kept elsewhere. */
  readonly checkpoint: readonly string[]
}

/** Says whether a file's record is whole. Needs no database, no settings and no Discord. */
export async function verifyTrail(path: string, { key: typed, checkpoint }: VerifyOptions): Promise<number> {
  const key = typed === undefined ? null : readPublicKey(typed)
  if (checkpoint.length > 0 && key === null) throw new Refusal(KEY_NEEDED)
  const known = await Promise.all(checkpoint.map((file) => readKept(file, key!)))
  const check = new TrailCheck(key, known)
  try {
    for await (const line of fileLines(path, progressLine('Read', null))) check.take(line)
    return tellWhole(check.end(), key !== null, known.length > 0)
  } catch (error) {
    return tellFault(error, ASK)
  }
}

const KEY_NEEDED =
  'A checkpoint that was kept elsewhere is only worth what its signature is, so --checkpoint needs --key as well.'
const ASK =
  'Everything before that line holds. Ask for another copy; where that is broken at the same place, somebody has changed the record.'
