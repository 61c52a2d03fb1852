import type { Socket } from 'node:net'
import type { CopyRows } from './copy-rows.ts'

// The manual of PostgreSQL, section 55.7: a message is a letter, its length without that letter in four bytes, and what it says.

const HEAD = 5
const COPY_DATA = 'd'.charCodeAt(0)
const READY = 'Z'.charCodeAt(0)
/** Longer than any row that is read, and than any message about one. */
const LONGEST = 2 ** 28

/**
 * Reads the rows of a `copy … to stdout` from the socket before the driver sees them, which would make a buffer and an event of each: with that five
 * million rows take three times as long. Everything else goes to the driver as it came, so that what an answer is and when it ends stays its to say.
 */
export class CopyTap {
  readonly #socket: Socket
  readonly #rows: CopyRows
  readonly #refuse: (error: unknown) => void
  readonly #emit: Socket['emit']
  /** The start of a message whose end is still to come. */
  #rest: Buffer = Buffer.alloc(0)

  /** From now on until the server is ready for the next question; no message may be under way. */
  constructor(socket: Socket, rows: CopyRows, refuse: (error: unknown) => void) {
    this.#socket = socket
    this.#rows = rows
    this.#refuse = refuse
    this.#emit = socket.emit
    const emit = socket.emit.bind(socket) as (name: string | symbol, ...words: unknown[]) => boolean
    socket.emit = (name: string | symbol, ...words: unknown[]) =>
      name === 'data' ? emit(name, this.#take(words[0] as Buffer)) : emit(name, ...words)
  }

  close(): void {
    this.#socket.emit = this.#emit
  }

  /** What is left for the driver. */
  #take(piece: Buffer): Buffer {
    try {
      const others: Buffer[] = []
      this.#read(piece, this.#finish(piece, others), others)
      return others.length === 1 ? others[0]! : Buffer.concat(others)
    } catch (error) {
      this.#refuse(error)
      return Buffer.alloc(0)
    }
  }

  /** The message that began in the piece before. Returns where the next one begins. */
  #finish(piece: Buffer, others: Buffer[]): number {
    const rest = this.#rest
    if (rest.length === 0) return 0
    this.#rest = Buffer.concat([rest, piece.subarray(0, Math.max(0, HEAD - rest.length))])
    const size = this.#rest.length < HEAD ? Number.POSITIVE_INFINITY : sizeOf(this.#rest, 0)
    const used = Math.min(piece.length, size - rest.length)
    this.#rest = Buffer.concat([rest, piece.subarray(0, used)])
    if (this.#rest.length < size) return used
    const message = this.#rest
    this.#rest = Buffer.alloc(0)
    return this.#tell(message, 0, size, others) ? this.#end(piece, used, others) : used
  }

  #read(bytes: Buffer, start: number, others: Buffer[]): void {
    let at = start
    while (at + HEAD <= bytes.length) {
      const end = at + sizeOf(bytes, at)
      if (end > bytes.length) break
      if (bytes[at] === COPY_DATA) this.#rows.read(bytes, at + HEAD, end)
      else if (this.#tell(bytes, at, end, others)) {
        this.#end(bytes, end, others)
        return
      }
      at = end
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at)
  }

  /** True where the answer is over. */
  #tell(bytes: Buffer, from: number, to: number, others: Buffer[]): boolean {
    if (bytes[from] === COPY_DATA) this.#rows.read(bytes, from + HEAD, to)
    else others.push(bytes.subarray(from, to))
    return bytes[from] === READY
  }

  /** Whatever may still follow is none of ours. */
  #end(bytes: Buffer, from: number, others: Buffer[]): number {
    this.close()
    others.push(bytes.subarray(from))
    return bytes.length
  }
}

/** How long the message is, letter and all. */
function sizeOf(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at + 1)
  if (length < HEAD - 1 || length > LONGEST)
    throw new RangeError('A message of the server has a length that none can have.')
  return 1 + length
}
