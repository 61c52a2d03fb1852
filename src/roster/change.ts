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
      /** Nobody knows what changed: every role that they hold is named, whether it is new or not. */
      readonly unsure?: true
    }
  /** `held`: what they held until then. */
  | { readonly kind: 'left'; readonly memberId: Id; readonly held: readonly Id[]; readonly origin: Origin }
  /** The guild has the role no longer. `memberIds`: at most `MAX_HOLDERS_TOLD` of those who held it, of `holders` in all. */
  | { readonly kind: 'role_gone'; readonly roleId: Id; readonly memberIds: readonly Id[]; readonly holders: number }
  /** A role was created, renamed, moved or deleted. */
  | { readonly kind: 'roles_changed' }
  | { readonly kind: 'state'; readonly from: RosterState; readonly to: RosterState; readonly why: string }

/** Of a deleted role: a list that takes no longer to make than the dispatch takes to come. */
export const MAX_HOLDERS_TOLD = 10_000

export interface Difference {
  readonly added: readonly Id[]
  readonly removed: readonly Id[]
}
