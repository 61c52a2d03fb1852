import type { Gate } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import { plainText } from '#src/core/text.ts'
import type { Reply } from '#src/discord/command.ts'
import { pageButtonId } from './audit-findings.ts'
import { ageWords, COUNTED_WORDS, GATE_WORDS, many, outcomeWords } from './wording.ts'

// What a person reads after a run: what was found, what was done and seen to be done, what was held and by what.

export type GateTally = Readonly<Partial<Record<Gate, number>>>

export interface RunFacts {
  /** Members with a role too many or too few, a kick coming, or a conflict. */
  readonly atStake: number
  readonly gates: GateTally
  /** Already plain text. */
  readonly reason: string | null
}

/** The answer to `/audit run`. */
export function runReply(run: Run, { atStake, gates, reason }: RunFacts): Reply {
  return {
    tone: toneOf(run),
    title: titleOf(run, atStake),
    text: [headline(run), run.problem, reason === null ? null : `Reason given: ${reason}`, cautionOf(run)]
      .filter((part) => part !== null)
      .join('\n\n'),
    fields: [foundField(run), doneField(run), heldField(run, gates)].filter((field) => field !== null),
    footer: `run ${run.id}`,
    buttons: atStake > 0 ? [{ id: pageButtonId(run.id, null, 0), label: 'Show the findings' }] : [],
  }
}

const changesDone = ({ outcomes }: Run): number => outcomes.done ?? 0

function toneOf(run: Run): Reply['tone'] {
  if (run.state === 'failed' || run.state === 'interrupted') return 'bad'
  if (run.state === 'awaiting_approval' || run.truth?.suspect) return 'warn'
  const troubled = Object.entries(run.outcomes).some(
    ([outcome, count]) => outcome !== 'done' && outcome !== 'gone' && count > 0,
  )
  return troubled ? 'warn' : 'good'
}

function titleOf(run: Run, atStake: number): string {
  switch (run.state) {
    case 'completed':
      return completedTitle(run, atStake)
    case 'awaiting_approval':
      return 'The plan is too large and waits'
    case 'failed':
      return 'The audit could not be made'
    case 'interrupted':
      return 'The audit was cut short'
    default:
      return 'This audit is under way'
  }
}

/** Only what was looked at soundly is called in order. */
function completedTitle(run: Run, atStake: number): string {
  if (run.truth?.suspect) return 'The identity source failed its health check'
  if (atStake === 0) return 'Everybody is in order'
  const found = `${many(atStake, 'member')} out of order`
  return changesDone(run) > 0 ? `${found}, ${many(changesDone(run), 'role change')} made` : found
}

/** The one sentence that must never claim more than was seen. */
function headline(run: Run): string {
  const members = run.counts ? `${many(run.counts.members, 'member')} looked at. ` : ''
  if (run.state === 'awaiting_approval') return `${members}${tooLarge(run)}`
  const done = changesDone(run)
  if (done > 0) return `${members}${many(done, 'role change')} made and seen to be made at Discord.`
  if ((run.outcomes.unknown ?? 0) > 0) return `${members}What came of some changes is not known; look at them by hand.`
  if (run.state === 'completed' && run.action === 'report') return `${members}This was a report: nothing was changed.`
  return `${members}Nothing was changed.`
}

function tooLarge({ blast }: Run): string {
  if (!blast) return 'Nothing was changed.'
  return `The plan would touch ${many(blast.affected, 'member')}; at most ${blast.limit} of ${blast.population} may be touched in one run. Nothing was changed. A plan this large is more often a sick identity source than a true one: read the findings first. If it is right, the operator can raise \`blast.run\` with \`rolecall settings apply\`, and you run again.`
}

/** Reasons named; a source from which hundreds of groups fell names the first. */
const MAX_REASONS = 5

function cautionOf({ truth, rosterState }: Run): string | null {
  if (truth?.suspect) {
    const more = truth.why.length - MAX_REASONS
    const reasons = truth.why.slice(0, MAX_REASONS).map(plainText).join(', ')
    return `The identity source failed its health check (${reasons}${more > 0 ? ` and ${more} more` : ''}), so nobody is acted on. If people really left, the operator can raise \`truth.maxDrop\` with \`rolecall settings apply\`; otherwise mend the source.`
  }
  if (rosterState && rosterState !== 'live')
    return 'The member list was not live for this run, so it may show old roles, and this report cannot lift the first-run lock.'
  return null
}

function foundField({ counts, ages }: Run): NonNullable<Reply['fields']>[number] | null {
  if (!counts) return null
  const { members: _, ...categories } = counts
  const lines = Object.entries(categories)
    .filter(([category, count]) => count > 0 && category !== 'bot_filtered')
    .map(
      ([category, count]) =>
        `**${count.toLocaleString('en')}** ${COUNTED_WORDS[category as keyof typeof COUNTED_WORDS]}`,
    )
  const age = ages ? `\nMember list verified ${ageWords(ages.roster)}, identities read ${ageWords(ages.identity)}.` : ''
  return { name: 'Found', value: `${lines.join('\n') || 'No members.'}${age}` }
}

function doneField({ outcomes }: Run): NonNullable<Reply['fields']>[number] | null {
  const lines = Object.entries(outcomes).map(([outcome, count]) => `**${count}** ${outcomeWords(outcome)}`)
  return lines.length > 0 ? { name: 'Role changes', value: lines.join('\n') } : null
}

/** A report is held by its own ceiling, which is no news. */
function heldField({ action }: Run, gates: GateTally): NonNullable<Reply['fields']>[number] | null {
  const lines = Object.entries(gates)
    .filter(([gate]) => action !== 'report' || gate !== 'action_ceiling')
    .map(([gate, count]) => `**${count}** × ${GATE_WORDS[gate as Gate]}`)
  if (lines.length === 0) return null
  return { name: action === 'report' ? 'Would be held back' : 'Held back', value: lines.join('\n') }
}
