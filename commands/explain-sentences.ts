import { isAtStake } from '#src/core/at-stake.ts'
import type { Change, Explanation } from '#src/core/explain.ts'
import type { Finding } from '#src/core/model.ts'
import { plainText } from '#src/core/text.ts'
import type { PlacedOverride } from '#src/discord/command.ts'
import { overrideDetail } from './override-words.ts'
import { many, roleList } from './wording.ts'

// An explanation in sentences: what holds, and what would turn it.

/** A sentence or two: what holds and why, and what a strip run would do about it now. */
export function verdictSentence({ verdict, roles }: Explanation, placed: PlacedOverride | null): string {
  if (verdict.kind === 'finding')
    return isAtStake(verdict.finding)
      ? `${whatHolds(verdict.finding)}. ${whatFollows(verdict.finding, placed)}`
      : `${whatHolds(verdict.finding)}, so there is nothing to take.`
  if (verdict.category === 'bot_filtered') return 'This is a bot account, which is counted and never judged or touched.'
  const earned = roles.filter((role) => role.governed && role.held).map((role) => role.roleId)
  return earned.length > 0
    ? `In order: everything governed that they hold is earned (${roleList(earned)}).`
    : 'In order: they hold nothing that the identity database decides, and have earned nothing.'
}

function whatHolds({ category, excessRoles, missingRoles }: Finding): string {
  const roles = roleList(excessRoles)
  switch (category) {
    case 'identity_conflict':
      return 'Two or more identities claim this account, so nobody can say what it has earned'
    case 'unknown_guest':
      return excessRoles.length > 0
        ? `A guest whom no identity claims holds ${roles}`
        : 'A guest whom no identity claims holds nothing that the identity database decides'
    case 'linked_no_perm':
      return excessRoles.length > 0
        ? `Linked to an identity without access, yet holds ${roles}`
        : 'Linked to an identity without access; holds nothing that the identity database decides'
    case 'role_drift':
      return `Has access, but holds ${roles} without having earned ${excessRoles.length === 1 ? 'it' : 'them'}`
    case 'missing_roles':
      return `Has access, and lacks ${roleList(missingRoles)}, which they have earned`
  }
}

function whatFollows(finding: Finding, placed: PlacedOverride | null): string {
  const { effectiveAction, gates, policyAction, decidedBy } = finding
  if (decidedBy === 'category') return 'Until a human has settled that, nothing is done.'
  const detail = placed === null ? '' : ` ${overrideDetail(placed)}`
  const word = decidedBy === 'override' ? `An override says \`${policyAction}\`${detail}` : null
  if (effectiveAction !== 'report') return `${deedSentence(finding)}${word === null ? '' : ` ${word}.`}`
  if (gates.length > 0)
    return `${word ?? `The policy says \`${policyAction}\``}, but ${many(gates.length, 'gate holds', 'gates hold')} it back: ${gates.map((gate) => `\`${gate}\``).join(', ')}.`
  return `${word ?? 'The policy asks for a report only'}, so nothing would be done.`
}

function deedSentence({ removeRoles, addRoles, kick }: Finding): string {
  const deeds = [
    removeRoles.length > 0 ? `take ${roleList(removeRoles)}` : null,
    addRoles.length > 0 ? `give ${roleList(addRoles)}` : null,
    kick ? 'kick them' : null,
  ]
  return `\`/audit run action:strip\` by you would ${deeds.filter((deed) => deed !== null).join(' and ')}.`
}

/** What the smallest change is that would turn the verdict. */
export function changeSentence({ turning }: Explanation): string {
  return turning === null ? 'Nothing that the identity database or a moderator could change.' : sentenceOf(turning)
}

/** Names that are listed; of many groups that would do, a few are enough. */
const MAX_NAMES = 5

function sentenceOf(change: Change): string {
  switch (change.kind) {
    case 'link_account':
      return 'If this person linked the account in the identity database, with access, they would be judged by what they have earned.'
    case 'activate':
      return `If identity ${idOf(change.identityId)} were made active again, what it has earned would count.`
    case 'give_access':
      return `If identity ${idOf(change.identityId)} were given the access permission, what it has earned would count.`
    case 'activate_and_give_access':
      return `If identity ${idOf(change.identityId)} were made active and given the access permission, what it has earned would count.`
    case 'resolve_conflict':
      return `If all but one of the identities ${change.identityIds.slice(0, MAX_NAMES).map(idOf).join(', ')} let go of this account, the one left would decide.`
    case 'join':
      return `If they were in ${namesOf(change)}, ${roleList(change.roleIds)} would be earned.`
    case 'take_role':
      return `If ${roleList(change.roleIds)} ${change.roleIds.length === 1 ? 'was' : 'were'} taken away, they would be in order.`
    case 'give_role':
      return `If they were given ${roleList(change.roleIds)}, they would be in order.`
    case 'lose':
      return `If they lost ${change.name.kind} ${plainText(change.name.name)}, ${roleList(change.roleIds)} would no longer be earned.`
    case 'lose_access':
      return 'If they lost access, nothing would be earned any more.'
  }
}

/** An identity's id comes from somebody's database: text like any other. */
const idOf = (id: string): string => plainText(id)

function namesOf({ names }: Extract<Change, { kind: 'join' }>): string {
  const shown = names.slice(0, MAX_NAMES).map(({ kind, name }) => `${kind} ${plainText(name)}`)
  return names.length > MAX_NAMES
    ? `${shown.join(' or ')} (or one of ${names.length - MAX_NAMES} more)`
    : shown.join(' or ')
}
