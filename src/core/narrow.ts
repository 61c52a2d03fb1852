import { effectiveActionOf } from './decide.ts'
import type { Finding } from './model.ts'
import type { Only } from './run.ts'

/**
 * A finding as a run that is narrowed to one member or one role has it; null where it is none of that run's. A run of one role touches nothing
 * else and kicks nobody: a kick takes every role. The facts and the gates stay as they were found.
 */
export function narrow(finding: Finding, { memberId, roleId }: Only): Finding | null {
  if (memberId !== null && finding.memberId !== memberId) return null
  if (roleId === null) return finding
  const { excessRoles, missingRoles } = finding
  if (!excessRoles.includes(roleId) && !missingRoles.includes(roleId)) return null
  const left = {
    kick: false,
    remove: finding.removeRoles.filter((id) => id === roleId),
    add: finding.addRoles.filter((id) => id === roleId),
  }
  return {
    ...finding,
    effectiveAction: effectiveActionOf(left),
    kick: false,
    removeRoles: left.remove,
    addRoles: left.add,
  }
}

export function narrowAll(findings: readonly Finding[], only: Only): readonly Finding[] {
  if (only.memberId === null && only.roleId === null) return findings
  return findings.flatMap((finding) => narrow(finding, only) ?? [])
}
