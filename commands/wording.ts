import type { Action, Category, FindingCategory, Gate, Id, PolicyAction } from '#src/core/model.ts'
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
  first_run_lock: 'the first-run lock: read a report and lift it with `/acknowledge first-run`',
  unattended_not_armed: 'acting unattended is not armed here',
  identity_suspect: 'the identity source looks sick; nobody is judged on it',
  blast_radius: 'the plan touches too many members at once and waits for a human',
}

/** The same of a run that was asked for this: what may not be done by it, and what may. */
export function gateWords(gate: Gate, action: Action): string {
  if (gate !== 'action_ceiling') return GATE_WORDS[gate]
  return action === 'report' ? 'this run may only report' : 'this run may kick nobody; one with `action:strip_kick` may'
}

/** What the operator wants done, as the policy's own word and what it means. */
export const ACTION_WORDS: Readonly<Record<PolicyAction, string>> = {
  report: 'only say what is out of order',
  strip: 'take the roles that were not earned',
  strip_kick: 'take the roles that were not earned, then kick',
  grant: 'give the roles that were earned',
}

const OUTCOME_WORDS: Readonly<Record<NonNullable<StoredFinding['outcome']>, string>> = {
  done: 'done, and seen to be done',
  gone: 'left the server before',
  refused: 'refused by Discord, or left alone (`/audit status` says why)',
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

/** `total`: how many there are, where not all of them are at hand. */
export function memberList(ids: readonly Id[], total: number = ids.length): string {
  const shown = ids.slice(0, MAX_MEMBERS_SHOWN)
  const mentions = shown.map(memberMention).join(' ')
  return total > shown.length ? `${mentions} and ${(total - shown.length).toLocaleString('en')} more` : mentions
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

/** Whether a run looked at everybody and every role. */
export const isWhole = ({ only }: Pick<Run, 'only'>): boolean => only.memberId === null && only.roleId === null

/** `Looked only at the member @ann`, of a run that is narrowed. */
export function narrowedWords({ only: { memberId, roleId } }: Pick<Run, 'only'>): string {
  const member = memberId === null ? null : `the member ${memberMention(memberId)}`
  const role = roleId === null ? null : `the role ${roleList([roleId])}`
  return `Looked only at ${[member, role].filter((part) => part !== null).join(' and ')}`
}

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

/** The same as a date and a time of day, where a sentence says until when. */
export const momentMention = (at: number): string => `<t:${Math.floor(at / 1_000)}:f>`
