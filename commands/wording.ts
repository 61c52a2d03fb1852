import type { Category, EffectiveAction, FindingCategory, Gate, Id, PolicyAction } from '#src/core/model.ts'
import type { Run, StoredFinding } from '#src/core/run.ts'
import { plainText, shorten } from '#src/core/text.ts'

// The words that several commands share, so that a category or a gate is called the same wherever it is shown.

export const CATEGORY_WORDS: Readonly<Record<Category, string>> = {
  bot_filtered: 'bot, left alone',
  identity_conflict: 'claimed by more than one identity',
  unknown_guest: 'guest: no identity claims this account',
  linked_no_perm: 'linked, but without access',
  role_drift: 'holds roles that were not earned',
  missing_roles: 'lacks roles that were earned',
  in_order: 'in order',
}

/** The same, of several members: `11 hold roles that were not earned`. */
export const COUNTED_WORDS: Readonly<Record<Category, string>> = {
  ...CATEGORY_WORDS,
  bot_filtered: 'bots, left alone',
  identity_conflict: 'claimed by more than one identity',
  unknown_guest: 'guests: no identity claims the account',
  role_drift: 'hold roles that were not earned',
  missing_roles: 'lack roles that were earned',
}

/** A category as the policy calls it, and what it means. */
export const ruleName = (category: FindingCategory): string => `\`${category}\` (${CATEGORY_WORDS[category]})`

export const GATE_WORDS: Readonly<Record<Gate, string>> = {
  identity_conflict: 'two or more identities claim the account; a human must settle it',
  protected_member: 'the member, or a role they hold, is protected',
  guild_owner: 'the member owns the server',
  out_of_reach: 'a role ranks at or above the bot’s own; move the bot’s role up',
  action_ceiling: 'this run may not do as much (it was asked to report, or to strip at most)',
  actor_not_permitted: 'whoever asked may not do this here (Manage Roles is needed, to kick Kick Members too)',
  first_run_lock: 'the first-run lock: read a report and lift it with /acknowledge first-run',
  unattended_not_armed: 'acting unattended is not armed here',
  identity_suspect: 'the identity source looks sick; nobody is judged on it',
  blast_radius: 'the plan touches too many members at once and waits for a human',
}

/** What the operator wants done, as the policy's own word and what it means. */
export const ACTION_WORDS: Readonly<Record<PolicyAction, string>> = {
  report: 'only say so',
  strip: 'take the roles that were not earned',
  strip_kick: 'take the roles that were not earned, then kick',
  grant: 'give the roles that were earned',
}

const EFFECT_WORDS: Readonly<Record<EffectiveAction, string>> = {
  report: 'reported only',
  grant: 'roles to be given',
  strip: 'roles to be taken',
  strip_kick: 'roles to be taken, then kicked',
}

const OUTCOME_WORDS: Readonly<Record<NonNullable<StoredFinding['outcome']>, string>> = {
  done: 'done, and seen to be done',
  gone: 'left the server before',
  refused: 'refused by Discord',
  failed: 'failed',
  unknown: 'not known; look by hand',
  rehearsed: 'rehearsed only',
  changed: 'changed since the plan, left alone',
}

export const outcomeWords = (outcome: string): string => OUTCOME_WORDS[outcome as keyof typeof OUTCOME_WORDS] ?? outcome

/** Roles named in one line; a member with more has them counted. */
const MAX_ROLES_SHOWN = 6

/** Role mentions; Discord shows their names, and with mentions switched off nobody is called. */
export function roleList(ids: readonly Id[], max: number = MAX_ROLES_SHOWN): string {
  if (ids.length === 0) return 'none'
  const shown = ids.slice(0, max).map((id) => `<@&${id}>`)
  return ids.length > max ? `${shown.join(' ')} and ${ids.length - max} more` : shown.join(' ')
}

export const memberMention = (id: Id): string => `<@${id}>`

/** A role, or the right to kick, where either may stand. */
export const roleOrKicks = (what: Id | 'kick'): string => (what === 'kick' ? 'kicks' : `<@&${what}>`)

/** Members named in one answer; of more the rest is counted. */
const MAX_MEMBERS_SHOWN = 10

export function memberList(ids: readonly Id[], max: number = MAX_MEMBERS_SHOWN): string {
  const shown = ids.slice(0, max).map(memberMention).join(' ')
  return ids.length > max ? `${shown} and ${ids.length - max} more` : shown
}

/** Who did something: a mention, the name that was given at the console, or the bot itself. */
export function actorWords(actor: string): string {
  if (actor.startsWith('discord:')) return memberMention(actor.slice('discord:'.length))
  return actor.startsWith('cli:') ? `${typedText(actor.slice('cli:'.length))} (console)` : 'the bot itself'
}

/** Text is cut before it is escaped; what is longer says nothing more on a phone. */
const MAX_TYPED = 200
const MAX_NAME = 60

/** What a person typed, in one line that draws nothing and calls nobody. */
export const typedText = (text: string): string => plainText(shorten(text, MAX_TYPED))

/** The name of a group, a state or a role where many stand beside each other. */
export const nameText = (name: string): string => plainText(shorten(name, MAX_NAME))

/** The parts that there are, one paragraph each. */
export const paragraphs = (parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null && part !== '').join('\n\n')

/** A run's state in words: `awaiting approval`. */
export const stateWords = ({ state }: Run): string => state.replace('_', ' ')

/** `1 member`, `2 members`. */
export const many = (count: number, noun: string, plural: string = `${noun}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`

/** A stretch of milliseconds as a person says it: `3 s`, `12 min`, `2 h`, `4 d`. */
export function spanWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

/** An age in milliseconds: `3 s ago`, `2 h ago`. */
export const ageWords = (milliseconds: number | null): string =>
  milliseconds === null ? 'never' : `${spanWords(milliseconds)} ago`

/** Discord shows this in the reader's own time zone. */
export const timeMention = (at: number): string => `<t:${Math.floor(at / 1_000)}:R>`

/** One finding in two or three short lines, fit for a phone. */
export function findingLines(finding: StoredFinding): string {
  const { memberId, category, excessRoles, missingRoles } = finding
  const facts = [
    `**${memberMention(memberId)}** ${CATEGORY_WORDS[category]}`,
    excessRoles.length > 0 ? `too many: ${roleList(excessRoles)}` : null,
    missingRoles.length > 0 ? `missing: ${roleList(missingRoles)}` : null,
    `→ ${effectOf(finding)}`,
  ]
  return facts.filter((fact) => fact !== null).join('\n')
}

/** A run that only reports closes its own ceiling on everybody, so that gate alone is no news. */
function effectOf(finding: StoredFinding): string {
  const { outcome, gates, effectiveAction, policyAction } = finding
  if (outcome) return outcomeWords(outcome)
  if (effectiveAction !== 'report') return EFFECT_WORDS[effectiveAction]
  const holding = gates.filter((gate) => gate !== 'action_ceiling')
  if (holding.length > 0)
    return `policy says ${policyAction}, held by ${holding.map((gate) => `\`${gate}\``).join(', ')}`
  return gates.length > 0 ? `policy says ${policyAction}, this run may only report` : `policy says ${policyAction}`
}
