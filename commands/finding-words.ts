import { isAtStake } from '#src/core/at-stake.ts'
import type { EffectiveAction, Id } from '#src/core/model.ts'
import type { Run, StoredFinding } from '#src/core/run.ts'
import type { PlacedOverride } from '#src/discord/command.ts'
import { overrideSays } from './override-words.ts'
import { CATEGORY_WORDS, memberMention, outcomeWords, roleList } from './wording.ts'

// One finding in words: what is so, and what follows from it, by whose word.

/** What a finding is told against. */
export interface Ground {
  readonly run: Pick<Run, 'action' | 'only'>
  /** When the finding was made. */
  readonly at: number
  readonly now: number
  readonly placed: ReadonlyMap<Id, PlacedOverride>
}

/** Two or three short lines, fit for a phone. */
export function findingLines(finding: StoredFinding, ground: Ground): string {
  const { memberId, category, outcome } = finding
  const facts = [
    `**${memberMention(memberId)}** ${CATEGORY_WORDS[category]}`,
    ...roleFacts(finding, ground),
    `→ ${outcome ? outcomeWords(outcome) : fateWords(finding, ground)}`,
  ]
  return facts.join('\n')
}

/** The roles that are wrong, as far as the run looked. */
export function roleFacts(
  { excessRoles, missingRoles }: StoredFinding,
  { run }: Pick<Ground, 'run'>,
): readonly string[] {
  const { roleId } = run.only
  const seen = (ids: readonly Id[]) => (roleId === null ? ids : ids.filter((id) => id === roleId))
  const [tooMany, missing] = [seen(excessRoles), seen(missingRoles)]
  return [
    ...(tooMany.length > 0 ? [`too many: ${roleList(tooMany)}`] : []),
    ...(missing.length > 0 ? [`missing: ${roleList(missing)}`] : []),
  ]
}

const EFFECT_WORDS: Readonly<Record<Exclude<EffectiveAction, 'report'>, string>> = {
  grant: 'roles to be given',
  strip: 'roles to be taken',
  strip_kick: 'roles to be taken, then kicked',
}

/** What was to be done by the plan, and by whose word; what came of it is another matter. */
export function fateWords(finding: StoredFinding, ground: Ground): string {
  const { effectiveAction, decidedBy, gates, policyAction } = finding
  if (decidedBy === 'category') return 'held by `identity_conflict`: a human must settle whose account it is'
  if (!isAtStake(finding)) return 'holds nothing that the identity database decides, so there is nothing to take'
  // Only a run of one role has such a finding: what is wanted is about another role of theirs.
  if (effectiveAction === 'report' && gates.length === 0 && policyAction !== 'report')
    return 'nothing is to be done about this role'
  if (effectiveAction === 'report') return `${wordOf(finding, ground)}${heldWords(finding, ground)}`
  const done = EFFECT_WORDS[effectiveAction]
  const why = decidedBy === 'override' ? `: ${wordOf(finding, ground)}` : ''
  return `${done}${why}${heldWords(finding, ground)}`
}

/** Whose word it is. */
function wordOf({ memberId, policyAction, decidedBy }: StoredFinding, { at, now, placed }: Ground): string {
  return decidedBy === 'override'
    ? overrideSays(policyAction, at, now, placed.get(memberId))
    : `policy says ${policyAction}`
}

/** A run that only reports closes its own ceiling on everybody, so that gate alone is no news. */
function heldWords({ gates, effectiveAction }: StoredFinding, { run }: Ground): string {
  const holding = gates.filter((gate) => gate !== 'action_ceiling').map((gate) => `\`${gate}\``)
  if (holding.length > 0)
    return `${effectiveAction === 'report' ? ', held by ' : '; the rest held by '}${holding.join(', ')}`
  if (gates.length === 0) return ''
  return run.action === 'report' ? ', this run may only report' : ', this run may kick nobody'
}
