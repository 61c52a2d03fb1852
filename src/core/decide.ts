import { type Facts, factsOf } from './facts.ts'
import { passGates, type Wanted } from './gates.ts'
import type { EffectiveAction, FindingCategory, Gate, Id, Identity, Member, PolicyAction, Verdict } from './model.ts'
import { sortedIds } from './order.ts'
import { decidePolicy } from './policy.ts'
import { categorize } from './rules.ts'
import type { Scope } from './scope.ts'

/** The one door to a verdict: the live path, the sweep, the explanation, the replay and the preview all come through here. */
export function decide(member: Member, claims: readonly Identity[], scope: Scope): Verdict {
  return judge(factsOf(member, claims, scope), scope)
}

/** The second half of `decide`, for the walk over columns, which has come to the facts by its own way. */
export function judge(facts: Facts, scope: Scope): Verdict {
  const category = categorize(facts, scope)
  if (category === 'bot_filtered' || category === 'in_order') return { kind: 'quiet', category }
  return findingOf(facts, category, scope)
}

/** What the policy wants of a member, whatever forbids it. */
export function wantedOf(facts: Facts, policyAction: PolicyAction, scope: Scope): Wanted {
  const removes = policyAction === 'strip' || policyAction === 'strip_kick'
  return {
    kick: policyAction === 'strip_kick',
    remove: removes ? facts.excess : [],
    add: scope.settings.policy.missing_roles === 'grant' ? facts.missing : [],
  }
}

const CONFLICT_GATES: readonly Gate[] = ['identity_conflict']

function findingOf(facts: Facts, category: FindingCategory, scope: Scope): Verdict {
  const { policyAction, decidedBy } = decidePolicy(facts, category, scope)
  const wanted = wantedOf(facts, policyAction, scope)
  const { gates, left } = passGates({ member: facts.member, wanted, scope })
  const finding = {
    memberId: facts.member.id,
    identityId: facts.identity?.id ?? null,
    category,
    policyAction,
    decidedBy,
    gates: category === 'identity_conflict' ? CONFLICT_GATES : gates,
    effectiveAction: effectiveActionOf(left),
    kick: left.kick,
    removeRoles: left.remove,
    addRoles: left.add,
    excessRoles: facts.excess,
    missingRoles: facts.missing,
    unreachableRoles: unreachableOf(facts, scope),
  }
  return { kind: 'finding', finding }
}

/** What is done of what is left after the gates: the most harmful part names it. */
export function effectiveActionOf({ kick, remove, add }: Wanted): EffectiveAction {
  if (kick) return 'strip_kick'
  if (remove.length > 0) return 'strip'
  return add.length > 0 ? 'grant' : 'report'
}

function unreachableOf({ excess, missing }: Facts, { reach }: Scope): readonly Id[] {
  const beyond = [...excess, ...missing].filter((id) => !reach.roleIds.has(id))
  return beyond.length > 1 ? sortedIds(beyond) : beyond
}
