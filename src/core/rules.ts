import type { Facts } from './facts.ts'
import type { Category } from './model.ts'
import type { Scope } from './scope.ts'

export interface CategoryRule {
  readonly category: Category
  /** Asked of the facts alone: an earlier rule may have decided already. */
  readonly holds: (facts: Facts, scope: Scope) => boolean
}

/** The policy, section 3, read top to bottom: the first that holds decides. */
export const CATEGORY_RULES: readonly CategoryRule[] = [
  { category: 'bot_filtered', holds: ({ member }, { bots }) => member.bot || bots.has(member.id) },
  { category: 'identity_conflict', holds: ({ claims }) => claims.length > 1 },
  { category: 'unknown_guest', holds: ({ claims }) => claims.length === 0 },
  { category: 'linked_no_perm', holds: ({ identity, access }) => identity !== null && !access },
  { category: 'role_drift', holds: ({ access, excess }) => access && excess.length > 0 },
  { category: 'missing_roles', holds: ({ access, missing }) => access && missing.length > 0 },
]

/** What a member is. Same facts, same category: nothing else may decide. */
export function categorize(facts: Facts, scope: Scope): Category {
  for (const rule of CATEGORY_RULES) if (rule.holds(facts, scope)) return rule.category
  return 'in_order'
}
