import type { Id } from '#src/core/model.ts'
import { ChunkTally } from './chunk-tally.ts'

/** Members who left while a fill was under way. More of them than this, and the fill is begun anew. */
export const MAX_LEAVERS = 100_000

/** How a fill is answered: by chunks under a nonce, or by pages that the keeper reads one after the other. */
export type Source = { readonly by: 'chunks'; readonly nonce: string } | { readonly by: 'pages' }

/** One reading of the whole member list. What events say meanwhile is newer than anything it brings. */
export class Fill {
  readonly source: Source
  readonly tally = new ChunkTally()
  readonly #leavers = new Set<Id>()

  constructor(source: Source) {
    this.source = source
  }

  /** Members who left since it began; the list may still name them. Whoever came back is known by the event that said so. False where there are too many to remember. */
  noteLeft(memberId: Id): boolean {
    this.#leavers.add(memberId)
    return this.#leavers.size <= MAX_LEAVERS
  }

  hasLeft(memberId: Id): boolean {
    return this.#leavers.has(memberId)
  }
}
