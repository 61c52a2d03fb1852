import type { KeyObject } from 'node:crypto'
import { Refusal } from '#src/core/refusal.ts'
import { shown } from '#src/identity/words.ts'
import { TrailFault } from '#src/trail/check.ts'
import { type Checkpoint, openCheckpoint } from '#src/trail/checkpoint.ts'
import { fileLines } from './file-lines.ts'
import { err } from './lines.ts'
import { count } from './trail-words.ts'

// Checkpoints that were kept elsewhere: one in a file, or as many as an anchor was given, of any number of chains.

const NAME_WIDTH = 60
/** Of a note: the origin, the size, the root, an empty line, the signature. */
const NOTE_LINES = 5
const SIGNATURE = '— '

/** Throws a `Refusal` where a file holds none that this key has signed, and a `TrailFault` where two of them contradict each other. */
export async function readKept(paths: readonly string[], key: KeyObject): Promise<readonly Checkpoint[]> {
  const kept: Checkpoint[] = []
  for (const path of paths) kept.push(...(await readFile(path, key)))
  mustAgree(kept)
  return kept
}

async function readFile(path: string, key: KeyObject): Promise<readonly Checkpoint[]> {
  const kept: Checkpoint[] = []
  let foreign = 0
  for await (const note of notesIn(path)) {
    const checkpoint = openCheckpoint(note, key)
    if (checkpoint) kept.push(checkpoint)
    else foreign += 1
  }
  if (kept.length === 0)
    throw new Refusal(
      `${shown(path, NAME_WIDTH)} holds no checkpoint that this key has signed. It must hold the signed notes as they were sent, to the last line break.`,
    )
  if (foreign > 0)
    err(
      `Warning: ${count(foreign)} of the checkpoints in ${shown(path, NAME_WIDTH)} ${foreign === 1 ? 'was' : 'were'} signed by another key, or changed; nothing is held against ${foreign === 1 ? 'it' : 'them'}.`,
    )
  return kept
}

/** A note that was cut off in the middle is a part of the next one, and left out of it. */
async function* notesIn(path: string): AsyncGenerator<string, void> {
  let lines: string[] = []
  for await (const line of fileLines(path, () => {})) {
    lines = [...lines.slice(1 - NOTE_LINES), line.toString('utf8')]
    if (!lines.at(-1)!.startsWith(SIGNATURE)) continue
    yield `${lines.join('\n')}\n`
    lines = []
  }
}

/** One who signs two things of the same lines has written them anew in between, or has put an older copy back. */
function mustAgree(kept: readonly Checkpoint[]): void {
  const roots = new Map<string, Buffer>()
  for (const { origin, size, root } of kept) {
    const place = `${origin} ${size}`
    const other = roots.get(place)
    if (other && !other.equals(root))
      throw new TrailFault(
        0,
        `Two checkpoints that were kept say different things of the first ${count(size)} lines of ${origin}: the record was written anew between them, or an older copy of the database was put back.`,
      )
    roots.set(place, root)
  }
}
