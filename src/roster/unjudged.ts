import type { Id } from '#src/core/model.ts'
import type { RosterChange } from './change.ts'
import { type Columns, FLAG_UNTOLD } from './columns.ts'

/** Changes kept word for word. Of the members beyond them only a flag in the columns is kept, so that none is forgotten and nothing grows. */
export const MAX_KEPT = 10_000

export type MemberChange = Extract<RosterChange, { kind: 'member' }>

/**
 * Changes that came while the roster was not to be trusted. Whoever hears of them then does nothing about them, and rightly so; they are told
 * once it is live again, or the role that somebody was given during an outage would never be looked at.
 */
export class Unjudged {
  readonly #columns: Columns
  #kept: MemberChange[] = []

  constructor(columns: Columns) {
    this.#columns = columns
  }

  keep(change: MemberChange): void {
    if (this.#kept.length < MAX_KEPT) this.#kept.push(change)
    else this.#columns.mark(this.#columns.rowOf(change.memberId), FLAG_UNTOLD)
  }

  /** Those who are still members. Where only the flag was kept, every role counts as new, since nobody has judged it. */
  drain(): readonly MemberChange[] {
    const kept = this.#kept
    this.#kept = []
    const known = new Set(kept.map(({ memberId }) => memberId))
    const flagged = this.#columns.takeMarked(FLAG_UNTOLD).map((row) => this.#columns.idAt(row))
    const here = kept.filter(({ memberId }) => this.#columns.rowOf(memberId) >= 0)
    return [...here, ...flagged.filter((memberId) => !known.has(memberId)).map((memberId) => this.#whole(memberId))]
  }

  #whole(memberId: Id): MemberChange {
    const added = this.#columns.shownRolesOf(this.#columns.rowOf(memberId))
    return { kind: 'member', memberId, added, removed: [], joined: false, origin: 'refill', unsure: true }
  }
}
