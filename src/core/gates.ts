import type { Gate, Id, Member } from './model.ts'
import type { Scope } from './scope.ts'

/** The three parts of what the policy wants of one member. */
export interface Wanted {
  readonly kick: boolean
  readonly remove: readonly Id[]
  readonly add: readonly Id[]
}

export interface Question {
  readonly member: Member
  /** As wanted, before any gate: each gate is asked alone. */
  readonly wanted: Wanted
  readonly scope: Scope
}

export interface GateRule {
  readonly gate: Exclude<Gate, 'identity_conflict' | 'blast_radius'>
  readonly holds: (question: Question) => boolean
  /** What it lets through of what the gates before it have left. */
  readonly leaves: (rest: Wanted, question: Question) => Wanted
}

export const NOTHING_WANTED: Wanted = { kick: false, remove: [], add: [] }
const nothing = (): Wanted => NOTHING_WANTED
const onlyAdd = ({ add }: Wanted): Wanted => ({ kick: false, remove: [], add })
const noKick = (rest: Wanted): Wanted => ({ ...rest, kick: false })

/** The policy, section 5, read top to bottom. `blast_radius` is asked of the whole run, by the plan. */
export const GATE_RULES: readonly GateRule[] = [
  { gate: 'protected_member', holds: (asked) => harms(asked.wanted) && isProtected(asked), leaves: onlyAdd },
  { gate: 'guild_owner', holds: (asked) => harms(asked.wanted) && isOwner(asked), leaves: onlyAdd },
  { gate: 'out_of_reach', holds: reachesTooHigh, leaves: withinReach },
  { gate: 'action_ceiling', holds: exceedsCeiling, leaves: underCeiling },
  { gate: 'actor_not_permitted', holds: ({ scope }) => !scope.invocation.mayDestroy, leaves: nothing },
  { gate: 'first_run_lock', holds: ({ scope }) => !scope.settings.acknowledged, leaves: nothing },
  { gate: 'unattended_not_armed', holds: ({ scope }) => scope.unattended && !isArmed(scope), leaves: nothing },
  { gate: 'identity_suspect', holds: ({ scope }) => scope.truth.suspect, leaves: nothing },
]

export function wantsSomething({ kick, remove, add }: Wanted): boolean {
  return kick || remove.length > 0 || add.length > 0
}

/** Asks every gate; gives those that hold, in order, and what they leave. */
export function passGates(question: Question): { readonly gates: readonly Gate[]; readonly left: Wanted } {
  if (!wantsSomething(question.wanted)) return { gates: [], left: NOTHING_WANTED }
  const holding = GATE_RULES.filter((rule) => rule.holds(question))
  const left = holding.reduce((rest, rule) => rule.leaves(rest, question), question.wanted)
  return { gates: holding.map((rule) => rule.gate), left }
}

/** Adding a role harms nobody. */
function harms({ kick, remove }: Wanted): boolean {
  return kick || remove.length > 0
}

function isProtected({ member, scope }: Question): boolean {
  const { protectedMembers, protectedRoles } = scope
  if (protectedMembers.has(member.id)) return true
  return protectedRoles.size > 0 && member.roleIds.some((id) => protectedRoles.has(id))
}

function isOwner({ member, scope }: Question): boolean {
  return member.id === scope.guild.ownerId
}

function reachesTooHigh({ member, wanted, scope }: Question): boolean {
  const beyond = (id: Id) => !scope.reach.roleIds.has(id)
  return wanted.remove.some(beyond) || wanted.add.some(beyond) || (wanted.kick && ranksTooHigh(member, scope))
}

function withinReach(rest: Wanted, { member, scope }: Question): Wanted {
  const within = (id: Id) => scope.reach.roleIds.has(id)
  return {
    kick: rest.kick && !ranksTooHigh(member, scope),
    remove: rest.remove.filter(within),
    add: rest.add.filter(within),
  }
}

/** Whether the member's highest role ranks at or above the bot's. Roles that the guild lacks have no rank. */
export function ranksTooHigh(member: Member, { guild, reach, roles }: Scope): boolean {
  const ranked = member.roleIds.filter((id) => id !== guild.id && roles.has(id))
  return ranked.length === 0 ? !reach.roleless : ranked.some((id) => !reach.roleIds.has(id))
}

function exceedsCeiling({ wanted, scope }: Question): boolean {
  return scope.ceiling === 'report' || (scope.ceiling === 'strip' && wanted.kick)
}

function underCeiling(rest: Wanted, { scope }: Question): Wanted {
  return scope.ceiling === 'report' ? NOTHING_WANTED : noKick(rest)
}

function isArmed({ invocation: { trigger }, settings: { armed } }: Scope): boolean {
  return trigger === 'schedule' ? armed.schedule : trigger === 'realtime' ? armed.realtime : false
}
