import type { FoundAlike } from '#src/core/found.ts'
import type { News } from '#src/core/notice.ts'
import type { Reply } from '#src/discord/command.ts'
import { waitsNotice } from './notice-run.ts'
import { noticeReply } from './notice-words.ts'
import { waitingText } from './plan-words.ts'
import { endedReply } from './summary-run.ts'
import { actorWords, many, nameText, paragraphs, typedText } from './wording.ts'

// Summaries as a webhook posts them: the words of the notices, without the buttons, which only the bot's own messages have.

type NewsOf<K extends News['kind']> = Extract<News, { readonly kind: K }>

/** `at`: when it happened, ms since the epoch; `found`: what the run found, where it is about the end of one. */
export function summaryReply(news: News, at: number, found: readonly FoundAlike[]): Reply {
  switch (news.kind) {
    case 'run_ended':
      return endedReply(news, found)
    case 'plan_waits':
      return waitsReply(news)
    case 'source_accepted':
      return acceptedReply(news)
    case 'checkpoint':
      return checkpointReply(news)
    case 'record_damaged':
      return damagedReply(news)
    case 'gap_accepted':
      return gapReply(news)
    default:
      return withoutButtons(noticeReply(news, at))
  }
}

function withoutButtons({ buttons: _none, ...reply }: Reply): Reply {
  return reply
}

const waitsReply = (news: NewsOf<'plan_waits'>): Reply => ({
  ...withoutButtons(waitsNotice(news)),
  text: paragraphs([
    waitingText(news.run, news.blast, news.digest, 'command'),
    `\`/audit findings run:${news.run.id}\` shows them.`,
  ]),
})

const acceptedReply = ({ source, actor }: NewsOf<'source_accepted'>): Reply => ({
  tone: 'warn',
  title: 'An identity source was accepted as it is',
  text: `${actorWords(actor)} looked at the numbers of the identity source \`${nameText(source)}\` and takes them for true, whatever they were before. From now on it is measured by them.`,
})

/** As it stands in a file, to be copied. */
export const noteWords = (note: string): string => `\`\`\`\n${note.trimEnd()}\n\`\`\``

const checkpointReply = ({ size, note }: NewsOf<'checkpoint'>): Reply => ({
  tone: 'plain',
  title: `The record, ${many(size, 'line')} long, signed`,
  text: paragraphs([
    'Whoever keeps these five lines can show later whether anything before them was altered:',
    noteWords(note),
    'Put them into a file (their last line ends with a line break) and give `rolecall trail verify trail.jsonl --key … --checkpoint FILE` with an export of the record.',
  ]),
})

const damagedReply = ({ detail }: NewsOf<'record_damaged'>): Reply => ({
  tone: 'bad',
  title: 'The record was altered behind the bot’s back',
  text: paragraphs([
    typedText(detail),
    'It is not signed any more. Ask the operator who can write in the database; `rolecall trail verify` says more.',
  ]),
})

const gapReply = ({ written, left, actor }: NewsOf<'gap_accepted'>): Reply => ({
  tone: 'bad',
  title: 'The end of the record was lost',
  text: `${many(written, 'line')} were written, and the last that is left is number ${left.toLocaleString('en')}. ${actorWords(actor)} let the bot go on with what is left; the gap stays, and \`rolecall trail verify\` names it for ever.`,
})
