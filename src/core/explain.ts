import { decide } from './decide.ts'
import { explainGates, type GateLine } from './explain-gates.ts'
import { explainLayers, type LayerLine } from './explain-layers.ts'
import { explainRoles, type RoleLine } from './explain-roles.ts'
import { explainRules, type RuleLine } from './explain-rules.ts'
import { factsOf } from './facts.ts'
import type { Id, Identity, Member, Verdict } from './model.ts'
import type { Scope } from './scope.ts'
import { type Change, turningChange } from './turning.ts'

export type { Change } from './turning.ts'
export type { GateLine, LayerLine, RoleLine, RuleLine }

/** Why a member's verdict is what it is. Names that people typed stand in it as they are: whoever shows it escapes them. */
export interface Explanation {
  readonly memberId: Id
  /** From `decide` itself. */
  readonly verdict: Verdict
  /** The governed roles that the member holds or should, then the others held, with why nobody governs them. */
  readonly roles: readonly RoleLine[]
  /** The categories in the order in which they are asked. */
  readonly rules: readonly RuleLine[]
  /** The layers of the policy in the order in which they are asked; none decides about a quiet member. */
  readonly layers: readonly LayerLine[]
  /** All ten, in order. The blast radius is never asked of one member. */
  readonly gates: readonly GateLine[]
  /** The smallest change that would turn the verdict; null where none is worth naming. */
  readonly turning: Change | null
}

export function explain(member: Member, claims: readonly Identity[], scope: Scope): Explanation {
  const facts = factsOf(member, claims, scope)
  const verdict = decide(member, claims, scope)
  return {
    memberId: member.id,
    verdict,
    roles: explainRoles(facts, scope),
    rules: explainRules(facts, scope),
    layers: explainLayers(facts, verdict, scope),
    gates: explainGates(facts, verdict, scope),
    turning: turningChange(facts, verdict, scope),
  }
}
