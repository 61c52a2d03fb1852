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
}

/** Who changes something, when, and what they gave as their reason. */
export interface Change {
  readonly actor: Actor
  readonly reason: string | null
  readonly at: number
}
