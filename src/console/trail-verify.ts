import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { TrailCheck } from '#src/trail/check.ts'
import { chainOf } from '#src/trail/checkpoint.ts'
import { readPublicKey } from '#src/trail/key.ts'
import { fileLines } from './file-lines.ts'
import { readKept } from './kept-checkpoint.ts'
import { progressLine, tellFault, tellWhole } from './trail-words.ts'

// `rolecall trail verify`: of a file with the file and a public key alone.

export interface VerifyOptions {
  readonly key?: string
  /** Public keys that this one took the place of. */
  readonly formerKey: readonly string[]
  /** Files with checkpoints that were kept elsewhere. */
  readonly checkpoint: readonly string[]
  /** The file is of this server alone, and is held against its checkpoints and no others. */
  readonly guild?: Id
}

/** Says whether a file's record is whole. Needs no database, no settings and no Discord. */
export async function verifyTrail(
  path: string,
  { key: typed, formerKey, checkpoint, guild }: VerifyOptions,
): Promise<number> {
  const key = typed === undefined ? null : readPublicKey(typed)
  const former = formerKey.map(readPublicKey)
  if (checkpoint.length > 0 && key === null) throw new Refusal(KEY_NEEDED)
  try {
    const kept = key === null ? [] : await readKept(checkpoint, key)
    const known = kept.filter(({ origin }) => guild === undefined || chainOf(origin) === guild)
    const check = new TrailCheck(key, { known, former })
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
