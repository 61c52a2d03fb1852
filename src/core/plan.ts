import { heldBack, measureBlast } from './blast.ts'
import type { Counts, Finding, Plan } from './model.ts'
import { compareIds } from './order.ts'
import type { Scope } from './scope.ts'

/**
 * What a whole look at a guild comes to. The digest is of the findings before the blast radius is asked, so that an approval can name them;
 * an approval of this very digest opens that gate and no other.
 */
export function makePlan(input: {
  readonly scope: Scope
  readonly counts: Counts
  readonly findings: readonly Finding[]
  /** `sha256:` and the hex digest of the value's RFC 8785 form. */
  readonly digestOf: (value: unknown) => string
}): Plan {
  const { scope, counts } = input
  const findings = [...input.findings].sort((a, b) => compareIds(a.memberId, b.memberId))
  const digest = input.digestOf({ guildId: scope.guild.id, findings })
  const blast = measureBlast(counts, findings, scope)
  const plan = { guildId: scope.guild.id, digest, identity: scope.truth, counts, blast }
  const closed = blast.over && scope.invocation.approved !== digest
  return closed ? { ...plan, findings: findings.map(heldBack), planned: findings } : { ...plan, findings }
}
