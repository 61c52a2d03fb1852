import type { Facts } from './facts.ts'
import { CATEGORIES, type Category } from './model.ts'
import { CATEGORY_RULES, categorize } from './rules.ts'
import type { Scope } from './scope.ts'

export interface RuleLine {
  readonly category: Category
  /** Whether it holds by itself; an earlier one may have decided. */
  readonly holds: boolean
  readonly deciding: boolean
  readonly because: string
}

export function explainRules(facts: Facts, scope: Scope): readonly RuleLine[] {
  const deciding = categorize(facts, scope)
  return CATEGORIES.map((category) => ({
    category,
    holds: holds(category, facts, scope),
    deciding: category === deciding,
    because: BECAUSE[category](facts, scope),
  }))
}

/** `in_order` has no rule of its own: it is what is left. */
function holds(category: Category, facts: Facts, scope: Scope): boolean {
  const rule = CATEGORY_RULES.find((each) => each.category === category)
  return rule ? rule.holds(facts, scope) : categorize(facts, scope) === category
}

const BECAUSE: Record<Category, (facts: Facts, scope: Scope) => string> = {
  bot_filtered: ({ member }, { bots, guild }) => {
    if (member.bot) return 'Discord says that this is a bot'
    if (member.id === guild.botUserId) return 'this is rolecall itself'
    return bots.has(member.id)
      ? 'the settings name it as a bot account'
      : 'neither Discord nor the settings call it a bot'
  },
  identity_conflict: ({ claims }) => claimed(claims.length),
  unknown_guest: ({ claims }) => claimed(claims.length),
  linked_no_perm: becauseOfAccess,
  role_drift: ({ access, excess }) =>
    access
      ? `${count(excess.length, 'governed role', 'governed roles')} held and not earned`
      : 'asked only of those with access',
  missing_roles: ({ access, missing }) =>
    access ? `${count(missing.length, 'role', 'roles')} earned and not held` : 'asked only of those with access',
  in_order: (facts, scope) =>
    categorize(facts, scope) === 'in_order'
      ? 'every governed role held is earned, and every earned one held'
      : 'a rule above holds',
}

function becauseOfAccess({ identity }: Facts): string {
  if (identity === null) return 'no single identity to ask'
  const powers = [
    identity.superuser ? 'a superuser' : 'no superuser',
    identity.access ? 'with the access permission' : 'without the access permission',
  ]
  return `the identity is ${identity.active ? 'active' : 'inactive'}, ${powers.join(', ')}`
}

function count(howMany: number, one: string, many: string): string {
  return `${howMany === 0 ? 'no' : howMany} ${howMany === 1 || howMany === 0 ? one : many}`
}

const claimed = (claims: number): string => `${count(claims, 'identity claims', 'identities claim')} this account`
