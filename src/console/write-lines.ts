import { createWriteStream } from 'node:fs'
import { access, rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '#src/core/refusal.ts'
import { shown } from '#src/identity/words.ts'

const NAME_WIDTH = 60

/** Writes the lines into a new file, whole or not at all, or (null) to standard output. Throws a `Refusal` where the file cannot be written, and what the lines throw. */
export async function writeLines(path: string | null, lines: AsyncIterable<string>): Promise<void> {
  if (path === null) return toStandardOutput(lines)
  await mustBeFree(path)
  const beside = `${path}.${process.pid}.part`
  try {
    await pipeline(Readable.from(withBreaks(lines)), createWriteStream(beside, { flags: 'wx', mode: 0o600 }))
    await rename(beside, path)
  } catch (error) {
    throw refusalOf(path, error)
  } finally {
    await rm(beside, { force: true })
  }
}

/** Whoever read along may go, as in `| head`. */
async function toStandardOutput(lines: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(withBreaks(lines)), process.stdout, { end: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}

async function mustBeFree(path: string): Promise<void> {
  const isTaken = await access(path).then(
    () => true,
    () => false,
  )
  if (isTaken)
    throw new Refusal(
      `${shown(path, NAME_WIDTH)} is there already, and a record is never written over something. Choose another name, or remove it first.`,
    )
}

/** Lines in one piece: a write each would cost more than the lines themselves. */
const TOGETHER = 500

async function* withBreaks(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  let piece: string[] = []
  for await (const line of lines) {
    piece.push(line, '\n')
    if (piece.length < 2 * TOGETHER) continue
    yield piece.join('')
    piece = []
  }
  if (piece.length > 0) yield piece.join('')
}

function refusalOf(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return error
  return new Refusal(
    `${shown(path, NAME_WIDTH)} cannot be written (${code}), so nothing was. See that the folder is there, that there is room, and that this account may write in it.`,
  )
}
