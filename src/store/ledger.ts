import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'

/** Writes lines of the record in the transaction that it is given, and returns them with their ids, in the order of the drafts. */
export type AppendLines = (
  tx: Db,
  drafts: readonly TrailDraft[],
  at: number,
) => Promise<readonly { readonly id: string }[]>

/** What every change needs: where it is made, and where it is recorded. */
export interface Ledger {
  readonly db: Db
  readonly append: AppendLines
  /** Whether many rows may be copied in: on a server. */
  readonly copies: boolean
}

/** Who did something, and when. */
export interface By {
  readonly actor: Actor
  /** `interaction:<id>` or `order:<id>`, where somebody asked for it. */
  readonly cause?: string
  readonly at: number
}

/** Who changes something, when, and what they gave as their reason. */
export interface Change extends By {
  readonly reason: string | null
}

/** What the line of a change says of whoever made it. The reason is a person's text. */
export function byWhom(change: By | Change): Pick<TrailDraft, 'actor' | 'cause' | 'texts'> {
  const { actor, cause } = change
  const reason = 'reason' in change ? change.reason : null
  return { actor, ...(cause === undefined ? {} : { cause }), ...(reason === null ? {} : { texts: { reason } }) }
}
