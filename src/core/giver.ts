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

/** The giver that a log names. `entryId` is the entry that tells of it, the oldest where there are several. */
export interface FoundGiver {
  readonly giverId: Id | null
  readonly entryId: string
}

/**
 * Who gave the role, as far as the log says. Null: the log has nothing of it (yet). `giverId` null: it has, but names nobody, or names several, and
 * to choose one would be a guess. What the bot itself gave is passed over; whoever gave it to themselves is named like anybody else.
 */
export function giverOf(log: readonly TimedRoleChange[], grant: SeenGrant, botUserId: Id | null): FoundGiver | null {
  const others = grantsIn(log, grant).filter(
    ({ change: { executorId } }) => executorId === null || executorId !== botUserId,
  )
  const oldest = others.reduce((first, one) => (first && first.at <= one.at ? first : one), others[0])
  if (!oldest) return null
  const { executorId, entryId } = oldest.change
  const isAgreed = others.every(({ change }) => change.executorId === executorId)
  return { giverId: isAgreed ? executorId : null, entryId }
}

/** Whether this account is among those who may have given it. */
export function mayHaveGiven(log: readonly TimedRoleChange[], grant: SeenGrant, id: Id): boolean {
  return grantsIn(log, grant).some(({ change }) => change.executorId === id)
}

function grantsIn(
  log: readonly TimedRoleChange[],
  { memberId, roleId, seenAt }: SeenGrant,
): readonly TimedRoleChange[] {
  return log.filter(
    ({ change, at }) =>
      change.memberId === memberId && change.added.includes(roleId) && Math.abs(at - seenAt) <= GIVER_WINDOW_MS,
  )
}
