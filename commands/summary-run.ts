import type { FoundAlike } from '#src/core/found.ts'
import type { Notice } from '#src/core/notice.ts'
import type { Run } from '#src/core/run.ts'
import type { Reply } from '#src/discord/command.ts'
import { changeNoun } from './audit-run.ts'
import { nameOf, runNotice } from './notice-run.ts'
import { ACTION_WORDS, actorWords, many, outcomeWords, paragraphs, stateWords } from './wording.ts'

// The one message that a run leaves: who asked for it, what it might do, what it found, did and held, and where to read more.

type Ended = Extract<Notice, { readonly kind: 'run_ended' }>

export function endedReply(ended: Ended, found: readonly FoundAlike[]): Reply {
  const { run } = ended
  const looks = run.purpose === 'audit' || run.purpose === 'group'
  const { buttons: _none, fields = [], ...reply } = looks ? runNotice(ended, found) : actsReply(run)
  const asked = {
    name: 'Asked for',
    value: `${askedWords(run)}${looks ? `: \`${run.action}\`, ${ACTION_WORDS[run.action]}` : ''}`,
  }
  const more = { name: 'Read more', value: moreWords(ended, looks) }
  return { ...reply, fields: [asked, ...fields, more] }
}

function askedWords({ trigger, actor }: Run): string {
  if (trigger === 'schedule') return 'by schedule'
  return trigger === 'realtime' ? 'by nobody: the bot, when it saw the cause' : `by ${actorWords(actor)}`
}

function moreWords({ run, atStake }: Ended, looks: boolean): string {
  const runs = '`/audit runs` lists what went before.'
  return looks && atStake > 0 ? `\`/audit findings run:${run.id}\` names each member. ${runs}` : runs
}

type Deed = Exclude<Run['purpose'], 'audit' | 'group'>

const DEED_WORDS: Readonly<Record<Deed, string>> = {
  live: 'What the bot did by itself within an hour, to one member after the other.',
  undo: 'It gives back what an earlier run took.',
  retry: 'Kicks that had failed for a passing reason were due again.',
}

/** Of a run that looked at nobody but only acted: the live acts of an hour, an undo, a kick that was tried again. */
function actsReply(run: Run): Reply {
  const outcomes = Object.entries(run.outcomes)
  const { done = 0 } = run.outcomes
  const troubled = run.state !== 'completed' || outcomes.some(([outcome]) => outcome !== 'done' && outcome !== 'gone')
  return {
    tone: troubled ? 'warn' : 'good',
    title: `${nameOf(run)}: ${done > 0 ? `${many(done, changeNoun(run))} made` : 'nothing was changed'}`,
    text: paragraphs([
      DEED_WORDS[run.purpose as Deed],
      run.state === 'completed' ? null : `This run is ${stateWords(run)}.`,
      run.problem,
    ]),
    fields:
      outcomes.length === 0
        ? []
        : [
            {
              name: 'Changes',
              value: outcomes
                .map(([outcome, count]) => `**${count.toLocaleString('en')}** ${outcomeWords(outcome)}`)
                .join('\n'),
            },
          ],
    footer: `run ${run.id}${run.purpose === 'live' && done > 0 ? ' · /undo gives back what it took' : ''}`,
  }
}
