import { effectiveActionOf } from './decide.ts'
import type { Finding } from './model.ts'
import { type PastAct, rolesOfAct } from './run.ts'

/** What is left of a plan for one member after what was done of it: an act that only may have been done is still to be looked at. */
export function restOf(planned: Finding, past: readonly PastAct[]): Finding {
  const done = past.filter(({ outcome, act }) => outcome === 'done' && act.memberId === planned.memberId)
  const acts = done.map(({ act }) => act)
  const taken = new Set(acts.flatMap((act) => (act.kind === 'add_role' ? [] : rolesOfAct(act))))
  const given = new Set(acts.flatMap((act) => (act.kind === 'add_role' ? [act.roleId] : [])))
  const left = {
    kick: planned.kick && acts.every(({ kind }) => kind !== 'kick'),
    remove: planned.removeRoles.filter((id) => !taken.has(id)),
    add: planned.addRoles.filter((id) => !given.has(id)),
  }
  return {
    ...planned,
    effectiveAction: effectiveActionOf(left),
    kick: left.kick,
    removeRoles: left.remove,
    addRoles: left.add,
  }
}
