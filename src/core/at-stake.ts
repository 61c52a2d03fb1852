import type { Finding } from './model.ts'

type Said = Pick<Finding, 'policyAction' | 'category'>

/** Whether a person should read of the finding: a guest who holds nothing governed and is not to be kicked is counted, and no more. */
export function isAtStake({ excessRoles, missingRoles, ...said }: Finding): boolean {
  return isOut(excessRoles.length > 0 || missingRoles.length > 0, said)
}

/** The same of what is known of a finding without its roles: `differs` where one is held that was not earned, or an earned one lacks. */
export const isOut = (differs: boolean, { policyAction, category }: Said): boolean =>
  differs || policyAction === 'strip_kick' || category === 'identity_conflict'
