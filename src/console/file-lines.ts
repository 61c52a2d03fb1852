import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Refusal } from '#src/core/refusal.ts'
import { fileRefusal } from '#src/snapshot/bounded-file.ts'
import { fileName } from '#src/snapshot/in-file.ts'

const CHUNK_BYTES = 1024 * 1024
/** No line of a record comes near. */
const LONGEST_LINE = 64 * 1024 * 1024
const NEWLINE = 0x0a

/**
 * The lines of a file without their breaks, read piece by piece. What stands after the last break is given as a line with a NUL behind it, which no whole
 * line has: it was cut short. Throws `Refusal` where the file cannot be read or a line is longer than any could be.
 */
export async function* fileLines(path: string, onProgress: (lines: number) => void): AsyncGenerator<Buffer, void> {
  try {
    if ((await stat(path)).isDirectory()) throw new Refusal(`${fileName(path)} is a folder. Name the file to read.`)
    yield* splitLines(createReadStream(path, { highWaterMark: CHUNK_BYTES }), path, onProgress)
  } catch (error) {
    throw fileRefusal(path, error)
  }
}

async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  path: string,
  onProgress: (lines: number) => void,
): AsyncGenerator<Buffer, void> {
  let rest: Buffer = Buffer.alloc(0)
  let lines = 0
  for await (const chunk of chunks) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let to = bytes.indexOf(NEWLINE, from); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      yield bytes.subarray(from, to)
      from = to + 1
      onProgress(++lines)
    }
    rest = bytes.subarray(from)
    if (rest.length > LONGEST_LINE)
      throw new Refusal(
        `${fileName(path)} has a line of more than ${LONGEST_LINE / 1024 / 1024} MiB, so it is no record. Is it the right file?`,
      )
  }
  if (rest.length > 0) yield Buffer.concat([rest, Buffer.of(0)])
}
