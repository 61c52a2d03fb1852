import type { Purpose, Run } from './run.ts'

const RESUME = '`/audit resume` goes on with it, or a new run does the rest.'
const RESTS: Readonly<Record<Purpose, string>> = {
  audit: RESUME,
  group: RESUME,
  live: 'The next live act opens another run.',
  undo: '`/undo` of the same run again gives back the rest.',
  retry: 'It is tried again by itself, unless somebody stopped the server or gave the run up.',
}

/** How what a run has not done comes about once it was cut off, as a sentence. Without a plan there is nothing that it could go on with. */
export function restWords({ purpose, planDigest }: Pick<Run, 'purpose' | 'planDigest'>): string {
  const plans = purpose === 'audit' || purpose === 'group'
  return plans && planDigest === null ? 'It had no plan yet: make a new one with `/audit run`.' : RESTS[purpose]
}
