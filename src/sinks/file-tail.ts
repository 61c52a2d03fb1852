import type { FileHandle } from 'node:fs/promises'
import { SinkTrouble } from './sink.ts'

// Whoever is killed in the middle of a write leaves half a line behind. It was never counted as delivered and comes once more in whole, so the half is
// taken out: every line of the file can be read.

/** With this every line begins. */
const LINE_BEGINS = '{"specversion":"1.0",'
const NEWLINE = 0x0a
const PIECE = 64 * 1024

/** Takes out what stands behind the last line break, and gives the file's length. Throws `SinkTrouble` where that is nothing of ours. */
export async function mendTail(file: FileHandle, size: number): Promise<number> {
  const end = await endOfLastLine(file, size)
  if (end === size) return size
  if (!isOurs(await bytesAt(file, end, Math.min(size - end, LINE_BEGINS.length))))
    throw new SinkTrouble(
      'The file in SINK_FILE ends with a line that is no event, so it belongs to something else and was not touched. Name another file.',
    )
  await file.truncate(end)
  await file.datasync()
  return end
}

async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  for (let to = size; to > 0; to -= PIECE) {
    const from = Math.max(0, to - PIECE)
    const found = (await bytesAt(file, from, to - from)).lastIndexOf(NEWLINE)
    if (found >= 0) return from + found + 1
  }
  return 0
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}

/** A loss of power may leave zeros where a line was to stand. */
const isOurs = (begin: Buffer): boolean =>
  LINE_BEGINS.startsWith(begin.toString('latin1')) || begin.every((byte) => byte === 0)
