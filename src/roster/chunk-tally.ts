/** The largest guild has tens of millions of members; a thousand fit a chunk. */
export const MAX_CHUNKS = 65_536

export type ChunkNews = 'new' | 'doubled' | 'contradictory'

/** Which chunks of an answer have come: it is whole when each index was seen, in whatever order and however often. */
export class ChunkTally {
  #seen: Uint8Array | null = null
  #left = 0

  get whole(): boolean {
    return this.#seen !== null && this.#left === 0
  }

  get seen(): number {
    return this.#seen === null ? 0 : this.#seen.length - this.#left
  }

  /** `contradictory`: another count than before, so the chunks cannot be of one answer. */
  note(index: number, count: number): ChunkNews {
    if (this.#seen === null) this.#begin(count)
    if (count > MAX_CHUNKS || this.#seen?.length !== count) return 'contradictory'
    if (this.#seen[index] === 1) return 'doubled'
    this.#seen[index] = 1
    this.#left--
    return 'new'
  }

  #begin(count: number): void {
    this.#seen = new Uint8Array(Math.min(count, MAX_CHUNKS))
    this.#left = count
  }
}
