import type { Id } from '#src/core/model.ts'
import type { RosterState } from '#src/core/run.ts'

/** `refill`: found by comparing a fresh list with what was held, so nobody saw it happen. */
export type Origin = 'event' | 'refill'

/** What a dispatch or a fill changed. Only roles that the guild has are named; the ids of deleted roles are no change. */
export type RosterChange =
  | {
      readonly kind: 'member'
      readonly memberId: Id
      readonly added: readonly Id[]
      readonly removed: readonly Id[]
      /** Not here before, as far as we knew. A member whom an update mentions first is not a join, but every role is new to us. */
      readonly joined: boolean
      readonly origin: Origin
    }
  | { readonly kind: 'left'; readonly memberId: Id }
  /** A role was created, renamed, moved or deleted. */
  | { readonly kind: 'roles_changed' }
  | { readonly kind: 'state'; readonly from: RosterState; readonly to: RosterState; readonly why: string }

export interface Difference {
  readonly added: readonly Id[]
  readonly removed: readonly Id[]
}
