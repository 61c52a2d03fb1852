import type { Id } from './model.ts'
import type { LoggedRoleChange } from './notice.ts'

/** How far a logged change and the sight of it may lie apart, ms. */
export const GIVER_WINDOW_MS = 10_000

/** A change of the audit log, and when it was (or was heard of) by the clock that saw the role. */
export interface TimedRoleChange {
  readonly change: LoggedRoleChange
  readonly at: number
}

/** A role that a member was seen to have got. */
export interface SeenGrant {
  readonly memberId: Id
  readonly roleId: Id
  readonly seenAt: number
}

/**
 * Who gave the role, as far as the log says. Null: the log has nothing of it (yet). `giverId` null: it has, but names nobody, or names several, and
 * to choose one would be a guess. What the bot itself gave is passed over; whoever gave it to themselves is named like anybody else.
 */
export function giverOf(
  log: readonly TimedRoleChange[],
  grant: SeenGrant,
  botUserId: Id | null,
): { readonly giverId: Id | null } | null {
  const others = giversIn(log, grant).filter((id) => id === null || id !== botUserId)
  const givers = new Set(others)
  if (givers.size === 0) return null
  return { giverId: givers.size === 1 ? others[0]! : null }
}

/** Whether this account is among those who may have given it. */
export function mayHaveGiven(log: readonly TimedRoleChange[], grant: SeenGrant, id: Id): boolean {
  return giversIn(log, grant).includes(id)
}

function giversIn(log: readonly TimedRoleChange[], { memberId, roleId, seenAt }: SeenGrant): readonly (Id | null)[] {
  return log.flatMap(({ change, at }) => {
    const same = change.memberId === memberId && change.added.includes(roleId)
    return same && Math.abs(at - seenAt) <= GIVER_WINDOW_MS ? [change.executorId] : []
  })
}
