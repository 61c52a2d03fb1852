import type { Action, Finding, Policy, Rule, Settings } from './model.ts'

/** Whether a policy ever takes something from somebody. */
export function takesSomething({ unknown_guest, linked_no_perm, role_drift }: Policy): boolean {
  return [unknown_guest, linked_no_perm, role_drift].some(ruleTakes)
}

/** Whether these settings ever kick somebody: by the policy, or by an override. */
export function kicksSomebody({ policy, overrides }: Pick<Settings, 'policy' | 'overrides'>): boolean {
  const rules = [policy.unknown_guest, policy.linked_no_perm].flatMap(actionsOf)
  return [...rules, ...overrides.map(({ action }) => action)].includes('strip_kick')
}

const ruleTakes = (rule: Rule): boolean => actionsOf(rule).some((action) => action !== 'report')

const actionsOf = ({ default: action, byGroup, byState }: Rule): readonly Action[] => [
  action,
  ...byGroup.values(),
  ...byState.values(),
]

/** How much is taken from a member: a kick is more than any number of roles. */
export function harmOf(finding: Finding | undefined): number {
  if (!finding) return 0
  return finding.kick ? Number.POSITIVE_INFINITY : finding.removeRoles.length
}
