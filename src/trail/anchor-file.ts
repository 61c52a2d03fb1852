import { type FileHandle, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Anchor, AnchorTrouble, anchorName } from './anchor.ts'

const NEWLINE = 0x0a

/** Appends to a file, best on a volume where the database's administrators cannot write. Its folder is not made: it may be that of a volume that is not there. */
export const fileAnchor = (path: string): Anchor => ({
  kind: 'file',
  name: anchorName('file', resolve(path)),
  keep: (note) => append(path, note),
})

/** On the disk for good once this has ended. */
async function append(path: string, note: string): Promise<void> {
  try {
    await using file = await open(path, 'a+', 0o600)
    await file.appendFile((await endsInside(file)) ? `\n${note}` : note)
    await file.sync()
  } catch (error) {
    throw new AnchorTrouble(whyNot((error as NodeJS.ErrnoException).code))
  }
}

/** Whether an earlier note was cut off in the middle of a line. */
async function endsInside(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== NEWLINE
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there (is the volume mounted?)',
  EACCES: 'this user may not write it',
  EPERM: 'this user may not write it',
  EISDIR: 'it is a folder',
  EROFS: 'its volume is read-only',
  ENOSPC: 'its volume is full',
}

const whyNot = (code: string | undefined): string => {
  const known = REASONS[code ?? '']
  return known ? `cannot be written: ${known} (${code})` : `cannot be written (${code ?? 'no reason given'})`
}
