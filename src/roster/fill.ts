import type { Id } from '#src/core/model.ts'
import type { RosterChange } from './change.ts'
import { ChunkTally } from './chunk-tally.ts'

/** Members who left while a fill was under way. More of them than this, and the fill is begun anew. */
export const MAX_LEAVERS = 100_000

/** Differences kept until the fill is whole. Beyond this they are handed on early: a difference is never dropped. */
export const MAX_DIFFERENCES = 10_000

/** How a fill is answered: by chunks under a nonce, or by pages that the keeper reads one after the other. */
export type Source = { readonly by: 'chunks'; readonly nonce: string } | { readonly by: 'pages' }

/** One reading of the whole member list. What events say meanwhile is newer than anything it brings. */
export class Fill {
  readonly source: Source
  readonly tally = new ChunkTally()
  #leavers = new Set<Id>()
  #differences: RosterChange[] = []

  constructor(source: Source) {
    this.source = source
  }

  /** Members who left since it began; the list may still name them. False where there are too many to remember. */
  noteLeft(memberId: Id): boolean {
    this.#leavers.add(memberId)
    return this.#leavers.size <= MAX_LEAVERS
  }

  noteBack(memberId: Id): void {
    this.#leavers.delete(memberId)
  }

  hasLeft(memberId: Id): boolean {
    return this.#leavers.has(memberId)
  }

  differ(change: RosterChange): void {
    this.#differences.push(change)
  }

  /** The differences, if they are to be handed on now. */
  overflow(): readonly RosterChange[] {
    return this.#differences.length > MAX_DIFFERENCES ? this.drain() : []
  }

  drain(): readonly RosterChange[] {
    const drained = this.#differences
    this.#differences = []
    return drained
  }
}
