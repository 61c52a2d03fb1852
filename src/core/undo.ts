import type { Action, Id, Override } from './model.ts'
import { type PastAct, rolesOfAct } from './run.ts'

const OF_UNDO = /^Undo of run [0-9a-f-]{36}/

/** Why an undo places an override. `instead`: what that stands in place of. */
export const reasonOfUndo = (runId: string, instead: Action | null = null): string =>
  `Undo of run ${runId}${instead === null ? '' : `, in place of ${instead}`}`

/** Whether an undo placed it: then nobody thought of this one member. */
export const isOfUndo = ({ reason }: Pick<Override, 'reason'>): boolean => OF_UNDO.test(reason)

/** What a run took from one member, as its acts say. */
export interface Taken {
  readonly memberId: Id
  /** Roles that were taken and not given back, and those that may have been. In the order in which they were taken. */
  readonly roleIds: readonly Id[]
  /** Those of them of which nobody saw whether they were taken, each with the intents of the acts that may have. */
  readonly unsure: ReadonlyMap<Id, readonly string[]>
  /** `unknown`: nobody saw whether they were. */
  readonly kicked: 'done' | 'unknown' | null
}

interface Taking {
  /** By role, the intents of which nobody knows; null where one was seen to be done. */
  readonly roles: Map<Id, readonly string[] | null>
  kicked: Taken['kicked']
}

/** Adds up a run's acts, the oldest first: what was given back after it was taken is taken no more, but what only may have been given back is. */
export class Takings {
  readonly #members = new Map<Id, Taking>()

  add(past: PastAct): void {
    const { act, outcome } = past
    const member = this.#members.get(act.memberId) ?? { roles: new Map(), kicked: null }
    this.#members.set(act.memberId, member)
    if (act.kind === 'kick' && member.kicked !== 'done') member.kicked = outcome === 'done' ? 'done' : 'unknown'
    if (act.kind !== 'add_role') for (const roleId of rolesOfAct(act)) take(member, roleId, past)
    else if (outcome === 'done') member.roles.delete(act.roleId)
  }

  result(): readonly Taken[] {
    const members = [...this.#members].map(([memberId, { roles, kicked }]) => ({
      memberId,
      roleIds: [...roles.keys()],
      unsure: new Map(
        [...roles].flatMap(([roleId, intents]) => (intents === null ? [] : [[roleId, intents] as const])),
      ),
      kicked,
    }))
    return members.filter(({ roleIds, kicked }) => kicked !== null || roleIds.length > 0)
  }
}

/** What was seen to be taken once stays so, whatever is not known of a later try. */
function take({ roles }: Taking, roleId: Id, { outcome, intentId }: PastAct): void {
  const before = roles.get(roleId)
  if (outcome === 'done' || before === null) roles.set(roleId, null)
  else roles.set(roleId, [...(before ?? []), intentId])
}
