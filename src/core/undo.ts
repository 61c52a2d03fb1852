import type { Id } from './model.ts'
import { type PastAct, rolesOfAct } from './run.ts'

/** What a run took from one member, as its acts say. */
export interface Taken {
  readonly memberId: Id
  /** Roles whose last act was a removal that was done, or may have been: whether it was, Discord shows. In the order in which they were taken. */
  readonly roleIds: readonly Id[]
  readonly kicked: boolean
}

/** Adds up a run's acts, the oldest first: of several on one role of one member the newest stands, and what only may have been given back was not. */
export class Takings {
  readonly #members = new Map<Id, { readonly taken: Set<Id>; kicked: boolean }>()

  add({ act, outcome }: PastAct): void {
    const member = this.#members.get(act.memberId) ?? { taken: new Set<Id>(), kicked: false }
    this.#members.set(act.memberId, member)
    if (act.kind === 'kick') member.kicked = true
    if (act.kind !== 'add_role') for (const roleId of rolesOfAct(act)) member.taken.add(roleId)
    else if (outcome === 'done') member.taken.delete(act.roleId)
  }

  result(): readonly Taken[] {
    const members = [...this.#members].map(([memberId, { taken, kicked }]) => ({
      memberId,
      roleIds: [...taken],
      kicked,
    }))
    return members.filter(({ roleIds, kicked }) => kicked || roleIds.length > 0)
  }
}
