import { wantedOf } from './decide.ts'
import type { Facts } from './facts.ts'
import { GATE_RULES, type Question, ranksTooHigh, wantsSomething } from './gates.ts'
import { GATES, type Gate, type Id, type Verdict } from './model.ts'
import type { Scope } from './scope.ts'

export interface GateLine {
  readonly gate: Gate
  /** `not_asked` where nothing is wanted that it could stop. */
  readonly state: 'open' | 'closed' | 'not_asked'
  readonly because: string
}

export function explainGates(facts: Facts, verdict: Verdict, scope: Scope): readonly GateLine[] {
  if (verdict.kind === 'quiet') return GATES.map((gate) => notAsked(gate, 'nothing is wrong, so nothing is wanted'))
  const { policyAction } = verdict.finding
  const question = { member: facts.member, wanted: wantedOf(facts, policyAction, scope), scope }
  return GATES.map((gate) => lineOf(gate, question, facts))
}

function lineOf(gate: Gate, question: Question, { claims }: Facts): GateLine {
  if (gate === 'identity_conflict') return conflictLine(claims.length)
  if (gate === 'blast_radius') return notAsked(gate, 'asked of a whole run, not of one member')
  if (!wantsSomething(question.wanted)) return notAsked(gate, 'the policy wants nothing done')
  const rule = GATE_RULES.find((each) => each.gate === gate)!
  return { gate, state: rule.holds(question) ? 'closed' : 'open', because: BECAUSE[gate](question) }
}

function conflictLine(claims: number): GateLine {
  const because = claims > 1 ? `${claims} identities claim this account` : 'no two identities claim this account'
  return { gate: 'identity_conflict', state: claims > 1 ? 'closed' : 'open', because }
}

function notAsked(gate: Gate, because: string): GateLine {
  return { gate, state: 'not_asked', because }
}

const BECAUSE: Record<(typeof GATE_RULES)[number]['gate'], (question: Question) => string> = {
  protected_member: becauseProtected,
  guild_owner: ({ member, scope }) =>
    member.id === scope.guild.ownerId ? 'the member owns the guild' : 'the member does not own the guild',
  out_of_reach: becauseOfReach,
  action_ceiling: ({ scope }) =>
    `this run may ${scope.ceiling === 'report' ? 'only report' : `go as far as ${scope.ceiling}`}`,
  actor_not_permitted: ({ scope }) =>
    scope.invocation.mayDestroy ? 'whoever asked may take roles away' : 'whoever asked may not take roles away',
  first_run_lock: ({ scope }) =>
    scope.settings.acknowledged
      ? "the guild's first run was acknowledged"
      : "the guild's first run was never acknowledged",
  unattended_not_armed: becauseOfArming,
  identity_suspect: ({ scope }) =>
    scope.truth.suspect
      ? `the identity source is suspect: ${scope.truth.why.join(', ')}`
      : 'the identity source passed its truth check',
}

function becauseProtected({ member, scope }: Question): string {
  if (scope.protectedMembers.has(member.id)) return 'the member is protected'
  const shields = member.roleIds.filter((id) => scope.protectedRoles.has(id))
  return shields.length > 0
    ? `protected by ${namesOf(shields, scope)}`
    : 'neither the member nor a role of theirs is protected'
}

function becauseOfReach({ member, wanted, scope }: Question): string {
  const beyond = [...wanted.remove, ...wanted.add].filter((id) => !scope.reach.roleIds.has(id))
  if (beyond.length > 0) return `at or above the bot's highest role: ${namesOf(beyond, scope)}`
  return wanted.kick && ranksTooHigh(member, scope)
    ? "the member's highest role ranks at or above the bot's"
    : "everything wanted ranks below the bot's highest role"
}

function becauseOfArming({ scope }: Question): string {
  const { trigger } = scope.invocation
  if (trigger !== 'schedule' && trigger !== 'realtime') return 'somebody asked for this run'
  return scope.settings.armed[trigger] ? `${trigger} is armed` : `${trigger} is not armed`
}

function namesOf(roleIds: readonly Id[], { roles }: Scope): string {
  return roleIds.map((id) => roles.get(id)?.name ?? id).join(', ')
}
