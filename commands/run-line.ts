import type { Id } from '#src/core/model.ts'
import type { Purpose, Run } from '#src/core/run.ts'
import { actorWords, ageWords, memberMention, nameText, roleList, stateWords, timeMention } from './wording.ts'

// One run in a line, as it stands in lists.

const PURPOSE_WORDS: Readonly<Record<Purpose, string>> = {
  audit: 'audit',
  group: 'review of one change',
  live: 'live acts',
  undo: 'undo',
  retry: 'kicks tried again',
}

/** What a run is. */
export const purposeWords = (purpose: Purpose): string => PURPOSE_WORDS[purpose]

/** Runs of which `/audit resume` goes on with the plan; the others are asked for again, or come again by themselves. */
export const isResumable = (purpose: Purpose): boolean => purpose === 'audit' || purpose === 'group'

/** How members and roles are named: as mentions where Discord draws them, in words where it does not. */
interface Names {
  member(id: Id): string
  role(id: Id): string
}

const MENTIONED: Names = { member: memberMention, role: (id) => roleList([id]) }
const UNDRAWN: Names = { member: () => 'one member', role: () => 'one role' }

/** Two lines: the id to copy, and what it was. Times that lie ahead, by a clock that was set back, are shown as now. */
export function runLine(run: Run, now: number): string {
  const facts = [...factsOf(run, MENTIONED), `by ${actorWords(run.actor)}`]
  return `\`${run.id}\`\n${facts.join(' · ')} · ${timeMention(Math.min(run.startedAt, now))}`
}

/** `2 h ago · strip · completed`, as it is offered while somebody types: there neither mention nor time is drawn. */
export const runOffer = (run: Run, now: number): string =>
  [ageWords(now - run.startedAt), ...factsOf(run, UNDRAWN)].join(' · ').replaceAll('`', '')

const factsOf = (run: Run, names: Names): readonly string[] =>
  [whatOf(run, names), stateWords(run), changesOf(run)].filter((fact) => fact !== null)

/** An action is what somebody asked a look at the server for; what the others do, their name says. */
function whatOf(run: Run, names: Names): string {
  const { purpose, action, only } = run
  if (purpose !== 'audit') return `${PURPOSE_WORDS[purpose]}${causeWords(run, names)}`
  const parts = [
    only.memberId === null ? null : names.member(only.memberId),
    only.roleId === null ? null : names.role(only.roleId),
  ].filter((part) => part !== null)
  return parts.length > 0 ? `${action}, only ${parts.join(' and ')}` : action
}

/** ` of run …`, ` of a role …`: what set it off, where that is one thing with a name. */
function causeWords({ purpose, cause }: Run, names: Names): string {
  const [, kind, name = ''] = /^(run|role|source):(.+)$/su.exec(cause ?? '') ?? []
  if (kind === 'run') return purpose === 'undo' ? ` of run \`${name}\`` : ` for run \`${name}\``
  if (kind === 'role') return ` of ${names.role(name)}`
  return kind === 'source' ? ` at the source ${nameText(name)}` : ''
}

function changesOf({ purpose, outcomes: { done = 0 } }: Run): string | null {
  if (done === 0) return null
  return `${done.toLocaleString('en')} ${purpose === 'undo' ? 'given back' : 'changed'}`
}

/** The run that another one undid or took up again. */
const earlierRun = ({ cause }: Run): string | null => /^run:(.+)$/su.exec(cause ?? '')?.[1] ?? null

/** Why there are no findings of a run, and where to look instead. */
export function withoutFindings(run: Run): string {
  const earlier = earlierRun(run)
  const instead = earlier === null ? '' : ` \`/audit findings run:${earlier}\` shows what that one found.`
  switch (run.purpose) {
    case 'undo':
      return `This run looked at nobody: it gave back what run \`${earlier ?? '?'}\` took.${instead}`
    case 'retry':
      return `This run looked for nothing new: it tried again to kick somebody, as run \`${earlier ?? '?'}\` had planned.${instead}`
    case 'live':
      return 'This is what the bot did by itself within an hour, to one member after the other as each was seen, so there is no list of findings. The notices told of each act, and `/undo` gives back what was taken.'
    default:
      return run.state === 'pending' || run.state === 'running'
        ? 'This run is still looking. `/audit status` shows when it has ended.'
        : `This run ended before it had looked, so it found nothing. ${run.problem ?? ''}`.trim()
  }
}
