import type { KeyObject } from 'node:crypto'
import { Refusal } from '#src/core/refusal.ts'
import { readBounded } from '#src/snapshot/bounded-file.ts'
import { type Checkpoint, openCheckpoint } from '#src/trail/checkpoint.ts'

/** Longer than any checkpoint. */
const NOTE_BYTES = 10_000

/** Throws a `Refusal` where the file holds none. */
export async function readKept(path: string, key: KeyObject): Promise<Checkpoint> {
  const kept = openCheckpoint(await readBounded(path, NOTE_BYTES), key)
  if (kept !== null) return kept
  throw new Refusal(
    `${path} holds no checkpoint that this key has signed. It must be the signed note as it was sent, to the last line break.`,
  )
}
