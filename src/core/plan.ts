import { heldBack, measureBlast } from './blast.ts'
import type { Counts, Finding, Plan } from './model.ts'
import { compareIds } from './order.ts'
import type { Scope } from './scope.ts'

/** In the order in which a plan has them, and of which its digest is taken. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => compareIds(a.memberId, b.memberId))
}

/**
 * What a whole look at a guild comes to. The digest is of the findings before the blast radius is asked, so that an approval can name them;
 * an approval of this very digest opens that gate and no other.
 */
export function makePlan(input: {
  readonly scope: Scope
  readonly counts: Counts
  /** Those of `inOrder`. */
  readonly findings: readonly Finding[]
  /** `sha256:` and the hex digest of the RFC 8785 form of `{ guildId, findings }`. */
  readonly digest: string
}): Plan {
  const { scope, counts, findings, digest } = input
  const blast = measureBlast(counts, findings, scope)
  const { suspect, why } = scope.truth
  const plan = { guildId: scope.guild.id, digest, identity: { suspect, why }, counts, blast }
  const closed = blast.over && scope.invocation.approved !== digest
  return closed ? { ...plan, findings: findings.map(heldBack), planned: findings } : { ...plan, findings }
}
