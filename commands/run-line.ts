import type { Purpose, Run } from '#src/core/run.ts'
import { actorWords, ageWords, stateWords, timeMention } from './wording.ts'

// One run in a line, as it stands in lists.

const PURPOSE_WORDS: Readonly<Record<Purpose, string | null>> = {
  audit: null,
  group: 'review of one change',
  live: 'live acts',
  undo: 'undo',
  retry: 'kicks tried again',
}

/** What a run is, where it is no plain audit. */
export const purposeWords = (purpose: Purpose): string => PURPOSE_WORDS[purpose] ?? 'audit'

/** Runs of which `/audit resume` goes on with the plan; the others are asked for again, or come again by themselves. */
export const isResumable = (purpose: Purpose): boolean => purpose === 'audit' || purpose === 'group'

/** Two lines: the id to copy, and what it was. Times that lie ahead, by a clock that was set back, are shown as now. */
export function runLine(run: Run, now: number): string {
  const facts = [...factsOf(run), changesOf(run), `by ${actorWords(run.actor)}`]
  return `\`${run.id}\`\n${facts.filter((fact) => fact !== null).join(' · ')} · ${timeMention(Math.min(run.startedAt, now))}`
}

/** `2 h ago · strip · completed`, as it is offered while somebody types: there neither mention nor time is drawn. */
export const runOffer = (run: Run, now: number): string =>
  [ageWords(now - run.startedAt), ...factsOf(run), changesOf(run)].filter((fact) => fact !== null).join(' · ')

const factsOf = (run: Run): readonly (string | null)[] => [PURPOSE_WORDS[run.purpose], run.action, stateWords(run)]

const changesOf = ({ outcomes }: Run): string | null => ((outcomes.done ?? 0) > 0 ? `${outcomes.done} changed` : null)
