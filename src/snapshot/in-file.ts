import { oneLine, shorten } from '#src/core/text.ts'
import { SnapshotFault } from './fault.ts'
import { lineOf } from './line-of.ts'

/** How much of a file's name is repeated. */
const NAME_MAX = 60

/** Reads the text of a file; what is refused in it is thrown with the file's name, and the line where it has one. */
export function readingFile<T>(path: string, text: string, read: (text: string) => T): T {
  try {
    return read(text)
  } catch (error) {
    if (error instanceof SnapshotFault) throw new SnapshotFault([], sentenceOf(path, text, error))
    throw error
  }
}

function sentenceOf(path: string, text: string, fault: SnapshotFault): string {
  const name = fileName(path)
  // Of the file as a whole every sentence begins with what is named here.
  if (fault.path.length === 0) return fault.message.replace(/^The file(?= )/u, name)
  const line = lineOf(text, fault.path)
  return line === null ? `${name}: ${fault.message}` : `${name}, line ${line}: ${fault.message}`
}

/** A file's name, fit to stand in a sentence. */
export const fileName = (path: string): string => (path === '' ? '""' : shorten(oneLine(path), NAME_MAX))
