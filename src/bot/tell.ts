import type { TrailDraft } from '#src/core/trail.ts'
import { Book, type BookParts } from '#src/store/book.ts'
import type { Log } from '#src/telemetry/log.ts'

/** The book, which also puts into the log what the live path finds, so that an operator sees it the moment it is recorded. */
export class TellingBook extends Book {
  readonly #log: Log

  constructor(parts: BookParts, log: Log) {
    super(parts)
    this.#log = log
  }

  override async append(drafts: readonly TrailDraft[], at: number): Promise<void> {
    await super.append(drafts, at)
    for (const draft of drafts) if (draft.type === 'finding.seen') this.#tell(draft)
  }

  /** A refill finds what was known before, of everybody at once; that is no news. */
  #tell({ guildId, data = {} }: TrailDraft): void {
    const { memberId, category, excessRoles, missingRoles, gates, seenBy } = data
    const facts = { guildId, memberId, category, excessRoles, missingRoles, gates, seenBy }
    this.#log[seenBy === 'refill' ? 'debug' : 'info'](facts, 'a member is out of order')
  }
}
