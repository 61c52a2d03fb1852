import type { Finding, Policy, Rule } from './model.ts'

/** Whether a policy ever takes something from somebody. */
export function takesSomething({ unknown_guest, linked_no_perm, role_drift }: Policy): boolean {
  return [unknown_guest, linked_no_perm, role_drift].some(ruleTakes)
}

function ruleTakes({ default: action, byGroup, byState }: Rule): boolean {
  return [action, ...byGroup.values(), ...byState.values()].some((one) => one !== 'report')
}

/** How much is taken from a member: a kick is more than any number of roles. */
export function harmOf(finding: Finding | undefined): number {
  if (!finding) return 0
  return finding.kick ? Number.POSITIVE_INFINITY : finding.removeRoles.length
}
