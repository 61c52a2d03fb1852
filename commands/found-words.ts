import { countOf, type Fates, type FoundAlike, fatesOf, outOfOrder } from '#src/core/found.ts'
import type { Run } from '#src/core/run.ts'
import type { Reply } from '#src/discord/command.ts'
import { ageWords, isWhole } from './wording.ts'

// What a run found, in numbers that add up: each member that was looked at is counted in exactly one line, and those out of order are as many
// as the title says. A run of one member or one role counts only what it looked at.

type Field = NonNullable<Reply['fields']>[number]

/** Whom a line counts, and how that is said of one and of several. */
interface Kind {
  readonly holds: (found: FoundAlike) => boolean
  readonly one: string
  readonly several: string
}

const OUT: readonly Kind[] = [
  {
    holds: ({ category }) => category === 'role_drift',
    one: 'holds roles that were not earned',
    several: 'hold roles that were not earned',
  },
  {
    holds: ({ category }) => category === 'missing_roles',
    one: 'lacks roles that were earned',
    several: 'lack roles that were earned',
  },
  {
    holds: ({ category, differs }) => category === 'unknown_guest' && differs,
    one: 'guest holds roles, though no identity claims the account',
    several: 'guests hold roles, though no identity claims their accounts',
  },
  {
    holds: ({ category, differs }) => category === 'unknown_guest' && !differs,
    one: 'guest holds nothing that the identity database decides, but is to be kicked',
    several: 'guests hold nothing that the identity database decides, but are to be kicked',
  },
  {
    holds: ({ category, differs }) => category === 'linked_no_perm' && differs,
    one: 'is linked, but without access, and holds roles',
    several: 'are linked, but without access, and hold roles',
  },
  {
    holds: ({ category, differs }) => category === 'linked_no_perm' && !differs,
    one: 'is linked, but without access, and is to be kicked',
    several: 'are linked, but without access, and are to be kicked',
  },
  {
    holds: ({ category }) => category === 'identity_conflict',
    one: 'is claimed by more than one identity',
    several: 'are claimed by more than one identity',
  },
]

const OTHERS: readonly Kind[] = [
  {
    holds: ({ category }) => category === 'unknown_guest',
    one: 'guest holds nothing that the identity database decides',
    several: 'guests hold nothing that the identity database decides',
  },
  {
    holds: ({ category }) => category === 'linked_no_perm',
    one: 'is linked without access, and holds nothing that the identity database decides',
    several: 'are linked without access, and hold nothing that the identity database decides',
  },
]

/** Null before anybody was looked at. */
export function foundField({ counts, only, ages, truth }: Run, found: readonly FoundAlike[]): Field | null {
  if (!counts) return null
  const out = found.filter(outOfOrder)
  const outLines = OUT.flatMap((kind) => lineOf(kind, countOf(out, kind.holds)))
  const others = found.filter((one) => !outOfOrder(one))
  const quiet = OTHERS.flatMap((kind) => lineOf(kind, countOf(others, kind.holds)))
  const lines = isWhole({ only }) ? wholeLines(counts, found, outLines, quiet) : [...outLines, ...quiet]
  return {
    name: truth?.suspect ? 'Found, by a source that is not to be believed' : 'Found',
    value: [...(lines.length > 0 ? lines : ['Nothing out of order.']), ...ageLine(ages)].join('\n'),
  }
}

function wholeLines(
  { members, in_order, bot_filtered }: NonNullable<Run['counts']>,
  found: readonly FoundAlike[],
  outLines: readonly string[],
  quiet: readonly string[],
): readonly string[] {
  const others = [
    ...lineOf({ one: 'holds exactly what was earned', several: 'hold exactly what they have earned' }, in_order),
    ...quiet,
    ...lineOf({ one: 'bot, left alone', several: 'bots, left alone' }, bot_filtered),
  ]
  if (outLines.length === 0) return others
  const out = countOf(found, outOfOrder)
  const rest = members - out
  return [
    `**${out.toLocaleString('en')}** out of order:`,
    ...outLines,
    ...(rest > 0 ? [`**${rest.toLocaleString('en')}** ${rest === 1 ? 'other' : 'others'}:`, ...others] : []),
  ]
}

const lineOf = ({ one, several }: Omit<Kind, 'holds'>, count: number): readonly string[] =>
  count === 0 ? [] : [`• **${count.toLocaleString('en')}** ${count === 1 ? one : several}`]

const ageLine = (ages: Run['ages']): readonly string[] =>
  ages ? [`Member list verified ${ageWords(ages.roster)}, identities read ${ageWords(ages.identity)}.`] : []

/** What becomes of those who are out of order, where that is more than one thing or the word of an override. */
export function fateField(run: Run, found: readonly FoundAlike[]): Field | null {
  const out = countOf(found, outOfOrder)
  if (!run.counts || out === 0) return null
  const reportOnly = run.action === 'report'
  const fates = fatesOf(found, reportOnly)
  const { changed, changedByOverride, held, sparedByOverride, sparedByPolicy } = fates
  const alone = [changed, held].includes(out) && changedByOverride === 0
  if (alone) return null
  const lines = [
    numbered(changed, `${changedWords(run, changed)}${overridden(fates)}`),
    numbered(held, reportOnly ? 'would be held back' : 'held back'),
    numbered(sparedByPolicy, 'only reported: the policy says so'),
    numbered(sparedByOverride, 'only reported: an override says so'),
  ]
  return {
    name: `What follows for ${out === 1 ? 'this one' : `these ${out.toLocaleString('en')}`}`,
    value: lines.filter((line) => line !== null).join('\n'),
  }
}

/** Changed is only what was seen to be. */
function changedWords({ action, state, outcomes }: Run, changed: number): string {
  if (action === 'report') return 'would be changed by a run that may act'
  if (state !== 'completed') return 'to be changed'
  const cameOf = Object.keys(outcomes)
  return cameOf.length === 1 && cameOf[0] === 'done' ? 'changed' : `${changed === 1 ? 'was' : 'were'} to be changed`
}

const numbered = (count: number, words: string): string | null =>
  count === 0 ? null : `**${count.toLocaleString('en')}** ${words}`

function overridden({ changed, changedByOverride: by }: Fates): string {
  if (by === 0) return ''
  if (by === changed) return changed === 1 ? ', by an override' : ', all by overrides'
  return `: **${(changed - by).toLocaleString('en')}** by the policy, **${by.toLocaleString('en')}** by an override`
}
