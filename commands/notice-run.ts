import type { FoundAlike } from '#src/core/found.ts'
import type { Notice } from '#src/core/notice.ts'
import type { Run } from '#src/core/run.ts'
import type { Reply } from '#src/discord/command.ts'
import { pageButtonId } from './audit-findings.ts'
import { runReply } from './audit-run.ts'
import { approveButton, waitingText } from './plan-words.ts'
import { purposeWords } from './run-line.ts'
import { memberList } from './wording.ts'

type NoticeOf<K extends Notice['kind']> = Extract<Notice, { readonly kind: K }>

/** A run that the clock began, from its beginning to its end; it says the same as the answer to a run that somebody asked for. */
export function runNotice({ run, atStake, grantors }: NoticeOf<'run_ended'>, found: readonly FoundAlike[]): Reply {
  const reply = runReply(run, { atStake, found, reason: null })
  const givers = grantors.length > 0 ? [{ name: 'Roles out of order were given by', value: memberList(grantors) }] : []
  const goesOn = run.state === 'pending' || run.state === 'running'
  const title = goesOn ? `${nameOf(run)} under way` : `${nameOf(run)}: ${reply.title}`
  return { ...reply, title, fields: [...(reply.fields ?? []), ...givers] }
}

/** A plan that is too large, with the button that asks about it. */
export const waitsNotice = ({ run, blast, digest }: NoticeOf<'plan_waits'>): Reply => ({
  tone: 'warn',
  title: `${nameOf(run)}: the plan is too large and waits`,
  text: waitingText(run, blast, digest),
  footer: `run ${run.id}`,
  buttons: [{ id: pageButtonId(run.id, null, 0), label: 'Show the findings' }, approveButton(run.id, digest)],
})

export function nameOf({ purpose, trigger }: Run): string {
  if (purpose !== 'audit') return capital(purposeWords(purpose))
  return trigger === 'schedule' ? 'Scheduled audit' : 'Audit'
}

const capital = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`
