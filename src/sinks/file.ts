import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FilePlan } from '#src/core/sink-plan.ts'
import { fileTrouble } from './file-fault.ts'
import { mendTail } from './file-tail.ts'
import { withOwnSettings } from './own-settings.ts'
import { type Delivery, type OutEvent, type Sink, SinkTrouble } from './sink.ts'

/** The record is for the account of the bot alone, until its owner says otherwise. */
const MODE = 0o600

interface Opened {
  readonly handle: FileHandle
  readonly place: string
  size: number
}

/** Writes each event as a line of JSON into a file, which is put aside for a new one where it grows too large. */
export class FileSink implements Sink {
  readonly name: string
  readonly #plan: FilePlan
  #opened: Opened | null = null
  /** Whoever writes; the next waits for it. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(plan: FilePlan) {
    this.name = plan.name
    this.#plan = plan
  }

  deliver(events: readonly OutEvent[]): Promise<Delivery> {
    const lines = Buffer.from(events.map((event) => `${lineOf(event)}\n`).join(''))
    return this.#inTurn(() => this.#write(lines))
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#close())
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #write(lines: Buffer): Promise<Delivery> {
    try {
      const file = await this.#fileFor(lines.length)
      await file.handle.appendFile(lines)
      // On the disk, and not only on its way there: nobody sends these events again.
      await file.handle.datasync()
      file.size += lines.length
      return { refused: [] }
    } catch (error) {
      await this.#takeBack()
      throw new SinkTrouble(withOwnSettings(fileTrouble(error).message, this.name))
    }
  }

  async #fileFor(more: number): Promise<Opened> {
    const { path, maxBytes } = this.#plan
    // Somebody may have moved the file away or removed it, and what is written into it then is read by nobody.
    if (this.#opened && (await placeOf(path)) !== this.#opened.place) await this.#close()
    const file = this.#opened ?? (await this.#open())
    if (file.size === 0 || file.size + more <= maxBytes) return file
    await this.#putAside()
    return this.#open()
  }

  async #open(): Promise<Opened> {
    const { path } = this.#plan
    const handle = await open(path, 'a+', MODE)
    try {
      const { size, dev, ino } = await ordinary(handle)
      this.#opened = { handle, place: `${dev}:${ino}`, size: await mendTail(handle, size) }
      if (size === 0) await keepNames(dirname(path))
      return this.#opened
    } catch (error) {
      this.#opened = null
      await handle.close()
      throw error
    }
  }

  /** The newest that was put aside is `.1`; the oldest makes room. A name that is not there was left out by a loss of power. */
  async #putAside(): Promise<void> {
    const { path, keep } = this.#plan
    await this.#close()
    for (let number = keep - 1; number >= 1; number--) await moved(`${path}.${number}`, `${path}.${number + 1}`)
    await moved(path, `${path}.1`)
  }

  /** What was written in part is not delivered. Where even this fails, the next opening mends the file. */
  async #takeBack(): Promise<void> {
    const file = this.#opened
    await file?.handle.truncate(file.size).catch(() => {})
    await this.#close().catch(() => {})
  }

  async #close(): Promise<void> {
    const file = this.#opened
    this.#opened = null
    await file?.handle.close()
  }
}

/** `LINE_BEGINS` stands at its beginning, in whatever order the event was put together. */
const lineOf = ({ specversion, ...rest }: OutEvent): string => JSON.stringify({ specversion, ...rest })

async function ordinary(handle: FileHandle) {
  const found = await handle.stat()
  if (found.isFile()) return found
  throw new SinkTrouble('SINK_FILE names no ordinary file, and only such a file can be written for good. Name another.')
}

async function placeOf(path: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(path)
    return `${dev}:${ino}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function moved(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** A new file's name is on the disk once its folder is. Not every system lets a folder be opened. */
async function keepNames(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  await handle?.sync().catch(() => {})
  await handle?.close()
}
