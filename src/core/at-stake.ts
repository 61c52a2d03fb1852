import type { Finding } from './model.ts'

/** Whether a person should read of the finding: a guest who holds nothing governed and is not to be kicked is counted, and no more. */
export function isAtStake({ excessRoles, missingRoles, policyAction, category }: Finding): boolean {
  const differs = excessRoles.length > 0 || missingRoles.length > 0
  return differs || policyAction === 'strip_kick' || category === 'identity_conflict'
}
