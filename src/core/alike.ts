import type { Finding } from './model.ts'

/** Whether two findings say the same of the same member, to the letter; whatever else is stored beside them does not count. */
export function isSameFinding(a: Finding, b: Finding): boolean {
  return (
    a.memberId === b.memberId &&
    a.identityId === b.identityId &&
    a.category === b.category &&
    a.policyAction === b.policyAction &&
    a.decidedBy === b.decidedBy &&
    a.effectiveAction === b.effectiveAction &&
    a.kick === b.kick &&
    LISTS.every((list) => isSameList(a[list], b[list]))
  )
}

const LISTS = ['gates', 'removeRoles', 'addRoles', 'excessRoles', 'missingRoles', 'unreachableRoles'] as const

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at])
}
