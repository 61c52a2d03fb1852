import { readFile, stat } from 'node:fs/promises'
import { Refusal } from '#src/core/refusal.ts'
import { fileName } from './in-file.ts'

/** 100,000 people with their accounts are some 40 MB; what is larger is no export of people. */
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** The text of a file, read whole. Throws `Refusal` where there is none, or it has more than `limit` bytes, or it is not UTF-8. */
export async function readBounded(path: string, limit: number = MAX_FILE_BYTES): Promise<string> {
  try {
    // Asked before it is opened: a pipe or a device has no end.
    const { size, isFile } = await kindOf(path)
    if (!isFile) throw new Refusal(`${fileName(path)} is not a file. Name the file to read.`)
    if (size > limit) throw tooLarge(path, size, limit)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(path))
  } catch (error) {
    throw fileRefusal(path, error)
  }
}

async function kindOf(path: string): Promise<{ readonly size: number; readonly isFile: boolean }> {
  const found = await stat(path)
  return { size: found.size, isFile: found.isFile() }
}

function tooLarge(path: string, size: number, limit: number): Refusal {
  const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024)
  return new Refusal(
    `${fileName(path)} has ${mebibytes(size)} MiB; at most ${mebibytes(limit)} are read. Is it the right file?`,
  )
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there. Check the path.',
  ENOTDIR: 'is not there. Check the path.',
  EACCES: 'may not be read by this user. Change its permissions.',
  EPERM: 'may not be read by this user. Change its permissions.',
  ENAMETOOLONG: 'has too long a name. Check the path.',
  ELOOP: 'is a circle of links. Check the path.',
  ERR_INVALID_ARG_VALUE: 'cannot be the name of a file. Check the path.',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text. Export it as UTF-8.',
}

/** The same error where it is none of the file's. */
export function fileRefusal(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const sentence = FILE_FAULTS[code]
  return sentence === undefined ? error : new Refusal(`${fileName(path)} ${sentence}`)
}
