import type { Facts } from './facts.ts'
import type { Layer, PolicyAction, Verdict } from './model.ts'
import { opinionsOf } from './policy.ts'
import type { Scope } from './scope.ts'

export interface LayerLine {
  readonly layer: Layer
  /** What it would do if it were asked alone; null where it has nothing to say. */
  readonly says: PolicyAction | null
  readonly deciding: boolean
  readonly because: string
}

const SPEAKS: Record<Layer, string> = {
  category: 'a member whom several identities claim is always only reported',
  override: 'an override names this member',
  by_group: 'the policy names groups of this person; the least harmful of several counts',
  by_state: "the policy names this person's state",
  default: 'what the policy says of everybody else in this category',
}

const SILENT: Record<Layer, string> = {
  category: 'speaks only where several identities claim the account',
  override: 'no override that counts here and has not expired names this member',
  by_group: 'the policy names no group of this person',
  by_state: "the policy does not name this person's state",
  default: 'an earlier layer always decides here',
}

const NOT_ASKED = 'nothing is wrong, so the policy is not asked'

export function explainLayers(facts: Facts, verdict: Verdict, scope: Scope): readonly LayerLine[] {
  if (verdict.kind === 'quiet') return LAYER_ORDER.map(quietLine)
  const { category, decidedBy } = verdict.finding
  return opinionsOf(facts, category, scope).map(({ layer, says }) => ({
    layer,
    says,
    deciding: layer === decidedBy,
    because: says === null ? SILENT[layer] : SPEAKS[layer],
  }))
}

const LAYER_ORDER: readonly Layer[] = ['category', 'override', 'by_group', 'by_state', 'default']

function quietLine(layer: Layer): LayerLine {
  return { layer, says: null, deciding: false, because: NOT_ASKED }
}
