import { countOf, type FoundAlike, gatesIn } from '#src/core/found.ts'
import type { Gate } from '#src/core/model.ts'
import { closerWords, reasonList } from '#src/core/reasons.ts'
import type { Run } from '#src/core/run.ts'
import type { Button, Reply } from '#src/discord/command.ts'
import { pageButtonId } from './audit-findings.ts'
import { fateField, foundField } from './found-words.ts'
import { approveButton, waitingText } from './plan-words.ts'
import { gateWords, isWhole, many, narrowedWords, outcomeWords, paragraphs, typedText } from './wording.ts'

// What a person reads after a run: what was found, what was done and seen to be done, what was held and by what.

export interface RunFacts {
  /** Members with a role too many or too few, a kick coming, or a conflict. */
  readonly atStake: number
  /** The same and all other findings in numbers; empty where only the end is told. */
  readonly found: readonly FoundAlike[]
  /** As it was typed. */
  readonly reason: string | null
  /** What else the asker must know of this run, as a sentence; goes before everything but the headline. */
  readonly note?: string | null
}

/** The answer to `/audit run`, and to whatever else carries a run on. */
export function runReply(run: Run, { atStake, found, reason, note = null }: RunFacts): Reply {
  const gates = gatesIn(found)
  return {
    tone: toneOf(run, note),
    title: titleOf(run, atStake),
    text: paragraphs([
      headline(run),
      note,
      run.problem,
      nextStep(run),
      reason === null ? null : `Reason given: ${typedText(reason)}`,
      cautionOf(run),
    ]),
    fields: [foundField(run, found), fateField(run, found), doneField(run), heldField(run, found)].filter(
      (field) => field !== null,
    ),
    footer: `run ${run.id}`,
    buttons: buttonsOf(run, atStake),
    ...(isHeld(run, gates) && { held: true }),
  }
}

type GateTally = ReturnType<typeof gatesIn>

/** Gates that close on everybody; one member who is protected or out of reach is no reason to call a run held. */
const OF_THE_RUN: readonly Gate[] = [
  'actor_not_permitted',
  'first_run_lock',
  'unattended_not_armed',
  'identity_suspect',
]

/** A report is meant to change nothing, so that nothing was held from it. */
const isHeld = ({ state, action }: Run, gates: GateTally): boolean =>
  state === 'awaiting_approval' || (action !== 'report' && OF_THE_RUN.some((gate) => (gates[gate] ?? 0) > 0))

function buttonsOf(run: Run, atStake: number): readonly Button[] {
  const findings = atStake > 0 ? [{ id: pageButtonId(run.id, null, 0), label: 'Show the findings' }] : []
  const waits = run.state === 'awaiting_approval' && run.planDigest !== null
  return waits ? [...findings, approveButton(run.id, run.planDigest)] : findings
}

const changesDone = ({ outcomes }: Run): number => outcomes.done ?? 0

function toneOf(run: Run, note: string | null): Reply['tone'] {
  if (run.state === 'failed' || run.state === 'interrupted') return 'bad'
  if (run.state === 'awaiting_approval' || run.truth?.suspect || note !== null) return 'warn'
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
    case 'abandoned':
      return 'The audit was given up'
    default:
      return 'This audit is under way'
  }
}

/** Only what was looked at soundly is called in order. */
function completedTitle(run: Run, atStake: number): string {
  if (run.truth?.suspect) return 'The identity source failed its health check'
  if (atStake === 0) return isWhole(run) ? 'Everybody is in order' : 'In order'
  const found = `${many(atStake, 'member')} out of order`
  return changesDone(run) > 0 ? `${found}, ${many(changesDone(run), changeNoun(run))} made` : found
}

/** A kick is no change of a role, so that a run which may kick speaks of both. */
export const changeNoun = ({ action }: Run): string => (action === 'strip_kick' ? 'change' : 'role change')

/** The one sentence that must never claim more than was seen. */
function headline(run: Run): string {
  if (!run.counts) return seenOf(run)
  const looked = isWhole(run)
    ? `${many(run.counts.members, 'member')} looked at.`
    : `${narrowedWords(run)}; of everybody and everything else this says nothing.`
  return `${looked} ${seenOf(run)}`
}

function seenOf(run: Run): string {
  const done = changesDone(run)
  if (run.state === 'awaiting_approval') return waitingText(run, run.blast, run.planDigest)
  if (run.state === 'pending' || run.state === 'running') return 'It goes on; `/audit status` shows how it ends.'
  if (done > 0) return `${many(done, changeNoun(run))} made and seen to be made at Discord.`
  if ((run.outcomes.unknown ?? 0) > 0) return 'What came of some changes is not known; look at them by hand.'
  if (run.state === 'interrupted') return 'No change is known to have been made.'
  if (run.state === 'completed' && run.action === 'report') return 'This was a report: nothing was changed.'
  return 'Nothing was changed.'
}

/** How an interrupted run goes on: by its own plan where it came so far. */
function nextStep({ state, id, planDigest }: Run): string | null {
  if (state !== 'interrupted') return null
  return planDigest === null
    ? 'It had no plan yet, so there is nothing to go on with: start it again with `/audit run`.'
    : `\`/audit resume run:${id}\` goes on with its plan; \`/audit abandon\` gives it up.`
}

function cautionOf({ truth, rosterState }: Run): string | null {
  if (truth?.suspect) {
    return `The identity source failed its health check (${reasonList(truth)}), so nobody is acted on.${closerWords(truth)} If people really left, \`/acknowledge source\` shows the numbers and takes them for true; otherwise mend the source.`
  }
  if (rosterState && rosterState !== 'live')
    return 'The member list was not live for this run, so it may show old roles, and this report cannot lift the first-run lock.'
  return null
}

function doneField(run: Run): NonNullable<Reply['fields']>[number] | null {
  const lines = Object.entries(run.outcomes).map(
    ([outcome, count]) => `**${count.toLocaleString('en')}** ${outcomeWords(outcome)}`,
  )
  return lines.length > 0
    ? { name: run.action === 'strip_kick' ? 'Changes' : 'Role changes', value: lines.join('\n') }
    : null
}

/** A report is held by its own ceiling, which is no news. A member may be held by several gates, and only in part; then that is said. */
function heldField({ action }: Run, found: readonly FoundAlike[]): NonNullable<Reply['fields']>[number] | null {
  const isNews = (gate: Gate): boolean => action !== 'report' || gate !== 'action_ceiling'
  const told = found.map((one) => ({ ...one, gates: one.gates.filter(isNews) }))
  const tally = Object.entries(gatesIn(told)).sort(([, a], [, b]) => b - a)
  if (tally.length === 0) return null
  const times = tally.reduce((sum, [, count]) => sum + count, 0)
  const several = times > countOf(told, ({ gates }) => gates.length > 0) ? ', some by more than one gate' : ''
  const partly = told.some(({ gates, effectiveAction }) => gates.length > 0 && effectiveAction !== 'report')
  return {
    name: `${action === 'report' ? 'Would be held back' : 'Held back'}${partly ? ', wholly or in part' : ''}${several}`,
    value: tally
      .map(([gate, count]) => `**${count.toLocaleString('en')}** × ${gateWords(gate as Gate, action)}`)
      .join('\n'),
  }
}
