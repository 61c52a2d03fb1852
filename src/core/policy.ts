import type { Facts } from './facts.ts'
import type { Action, FindingCategory, Identity, Invocation, Layer, PolicyAction, Rule, Settings } from './model.ts'
import { milder, type Scope } from './scope.ts'

/** What the operator wants done about a finding, and which layer of the policy said so. */
export interface Decision {
  readonly policyAction: PolicyAction
  readonly decidedBy: Layer
}

/** Each layer's own answer; null where it has nothing to say. */
export interface Opinion {
  readonly layer: Layer
  readonly says: PolicyAction | null
}

export const REPORT_ALWAYS: Rule<'report'> = { default: 'report', byGroup: new Map(), byState: new Map() }

/** What holds where the operator has set nothing: everything is reported, nothing is touched. */
export const DEFAULT_SETTINGS: Settings = {
  policy: {
    unknown_guest: REPORT_ALWAYS,
    linked_no_perm: REPORT_ALWAYS,
    role_drift: REPORT_ALWAYS,
    missing_roles: 'report',
  },
  roleMap: { groups: new Map(), states: new Map() },
  roleExceptions: [],
  protectedMembers: [],
  protectedRoles: [],
  botAccounts: [],
  overrides: [],
  acknowledged: false,
  armed: { schedule: false, realtime: false },
  blast: { run: 0.1, day: 0.25, kicks: 0.02 },
  truth: { maxDrop: 0.1, maxGroupDrop: 0.5 },
}

export const DEFAULT_INVOCATION: Invocation = {
  trigger: 'cli',
  action: 'report',
  mayDestroy: false,
  dayAffected: 0,
  dayKicks: 0,
  approved: null,
}

/** The policy, section 4: the first layer that speaks decides. */
export function decidePolicy(facts: Facts, category: FindingCategory, scope: Scope): Decision {
  for (const { layer, ask } of LAYERS) {
    const says = ask(facts, category, scope)
    if (says !== null) return { policyAction: says, decidedBy: layer }
  }
  throw new Error(`No layer of the policy speaks of ${category}; the last one always does.`)
}

/** All layers in the order in which they are asked, each with what it would say. */
export function opinionsOf(facts: Facts, category: FindingCategory, scope: Scope): readonly Opinion[] {
  return LAYERS.map(({ layer, ask }) => ({ layer, says: ask(facts, category, scope) }))
}

type Ask = (facts: Facts, category: FindingCategory, scope: Scope) => PolicyAction | null

const LAYERS: readonly { readonly layer: Layer; readonly ask: Ask }[] = [
  { layer: 'category', ask: (_facts, category) => (category === 'identity_conflict' ? 'report' : null) },
  { layer: 'override', ask: askOverride },
  { layer: 'by_group', ask: ({ identity }, category, scope) => askGroups(identity, ruleOf(category, scope)) },
  { layer: 'by_state', ask: ({ identity }, category, scope) => askState(identity, ruleOf(category, scope)) },
  { layer: 'default', ask: askDefault },
]

/** Overrides speak of what is taken away: they neither make nor stop a grant. */
function askOverride({ member }: Facts, category: FindingCategory, scope: Scope): Action | null {
  if (ruleOf(category, scope) === null) return null
  const action = scope.overrides.get(member.id)?.action ?? null
  // Drift never kicks: the person has every right to be in the guild.
  return action !== null && category === 'role_drift' ? milder<Action>(action, 'strip') : action
}

function askGroups(identity: Identity | null, rule: Rule | null): Action | null {
  if (identity === null || rule === null) return null
  let mildest: Action | null = null
  for (const group of identity.groups) {
    const action = rule.byGroup.get(group)
    if (action !== undefined) mildest = mildest === null ? action : milder(mildest, action)
  }
  return mildest
}

function askState(identity: Identity | null, rule: Rule | null): Action | null {
  const state = identity?.state ?? null
  return state === null ? null : (rule?.byState.get(state) ?? null)
}

function askDefault(_facts: Facts, category: FindingCategory, scope: Scope): PolicyAction | null {
  if (category === 'missing_roles') return scope.settings.policy.missing_roles
  return ruleOf(category, scope)?.default ?? null
}

/** Null for the categories in which nothing is ever taken away, so that there is nothing to lay down in layers. */
function ruleOf(category: FindingCategory, { settings }: Scope): Rule | null {
  if (category === 'identity_conflict' || category === 'missing_roles') return null
  return settings.policy[category]
}
