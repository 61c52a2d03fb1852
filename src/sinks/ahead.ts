import type { Db } from '#src/store/handle.ts'
import type { SentLine } from './envelope.ts'
import { linesAfter } from './lines.ts'

/** The lines after those that are just being delivered, read meanwhile: one call's worth, so that the database and the other side need not wait for each other. */
export class Ahead {
  readonly #db: Db
  #read: { readonly chain: string; readonly after: number; readonly lines: Promise<readonly SentLine[]> } | null = null

  constructor(db: Db) {
    this.#db = db
  }

  begin(chain: string, after: number, limit: number): void {
    const lines = linesAfter(this.#db, chain, after, limit)
    // Whoever takes them is told; nobody may.
    lines.catch(() => {})
    this.#read = { chain, after, lines }
  }

  /** The lines of the chain after this number, at most so many: those that were read ahead, where they are what is wanted. */
  take(chain: string, after: number, limit: number): Promise<readonly SentLine[]> {
    const read = this.#read
    this.#read = null
    if (read?.chain === chain && read.after === after) return read.lines
    return linesAfter(this.#db, chain, after, limit)
  }

  /** What is delivered much later is read anew: texts may be erased by then. */
  forget(): void {
    this.#read = null
  }
}
