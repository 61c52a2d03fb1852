import type { FoundAlike } from '#src/core/found.ts'
import type { Id, Truth } from '#src/core/model.ts'
import type { Grantor, Notice } from '#src/core/notice.ts'
import { closerWords, hasFallen, reasonList } from '#src/core/reasons.ts'
import { plainText } from '#src/core/text.ts'
import type { Reply } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { actedReply, givenBy } from './notice-live.ts'
import { runNotice, waitsNotice } from './notice-run.ts'
import { isResumable, purposeWords } from './run-line.ts'
import { actorWords, many, memberMention, paragraphs, roleList, spanWords } from './wording.ts'

// What moderators are told without having asked: what happened, why, and what they can do about it. Mentions are drawn; nobody is pinged.

type NoticeOf<K extends Notice['kind']> = Extract<Notice, { readonly kind: K }>

/**
 * A notice as it is posted in the channel and sent by direct message. `at` is the time of the notice, ms since the epoch; `found` is what the run
 * found, where it is about the end of one.
 */
export function noticeReply(notice: Notice, at: number, found: readonly FoundAlike[] = []): Reply {
  switch (notice.kind) {
    case 'run_ended':
      return runNotice(notice, found)
    case 'plan_waits':
      return waitsNotice(notice)
    case 'acted_live':
      return actedReply(notice)
    case 'live_held':
      return heldReply(notice)
    case 'blind':
      return blindReply(notice)
    case 'sighted':
      return sightedReply(notice, at)
    case 'quarantined':
      return quarantinedReply(notice)
    case 'released':
      return releasedReply(notice)
    case 'contested':
      return contestedReply(notice)
    case 'stopped':
      return stoppedReply(notice)
    case 'nothing_armed':
      return NOTHING_ARMED
    case 'kick_given_up':
      return kickGivenUpReply(notice)
  }
}

const heldReply = ({ affected, limit }: NoticeOf<'live_held'>): Reply => ({
  tone: 'warn',
  title: 'Too much at once: the rest is only reported',
  text: paragraphs([
    `By itself the bot would by now take roles from ${many(affected, 'member')} within an hour or a day; ${limit.toLocaleString('en')} ${limit === 1 ? 'is' : 'are'} the most here. Nothing more is taken until that is less.`,
    'See who gives these roles with `/audit grantors days:1`. If they are to be taken, `/audit run action:strip` does it as a run of yours; if they were earned, mend the identity database.',
  ]),
})

function blindReply({ source, truth, problem }: NoticeOf<'blind'>): Reply {
  const fall =
    truth !== null && hasFallen(truth)
      ? `${closerWords(truth)} If people really left, \`/acknowledge source\` shows the numbers and takes them for true.`
      : ''
  return {
    tone: 'bad',
    title: 'Blind: nobody loses anything',
    text: paragraphs([
      `The identity source \`${source}\` is not to be trusted just now: ${blindnessWords(truth, problem)}`,
      'Until it is sound again the bot takes nothing from anybody, and what it finds is only reported. This ends by itself.',
      `Look at the source, or ask its operator.${fall}`,
    ]),
  }
}

function blindnessWords(truth: Truth | null, problem: string | null): string {
  if (problem !== null) return plainText(problem)
  if (truth === null || truth.why.length === 0) return 'it does not answer.'
  return `it failed its health check (${reasonList(truth)}).`
}

const sightedReply = ({ source, since }: NoticeOf<'sighted'>, at: number): Reply => ({
  tone: 'good',
  title: 'No longer blind',
  text: `The identity source \`${source}\` is sound again, after ${spanWords(at - since)}. What was armed acts again as before.`,
})

function quarantinedReply({ what, detail }: NoticeOf<'quarantined'>): Reply {
  const kicks = what === 'kick'
  return {
    tone: 'warn',
    title: kicks ? 'Discord refuses kicks' : 'Discord refuses a role',
    text: paragraphs([
      `Discord does not let the bot ${kicks ? 'kick here' : `touch ${roleList([what])}`}: ${plainText(detail)}`,
      `The bot leaves ${kicks ? 'kicks' : 'that role'} alone from now on and does not try again by itself.`,
      kicks
        ? 'Give it the permission "Kick Members" and move its role above those of whom it shall kick (Server Settings → Roles), then give `/roles release kicks:True`.'
        : 'Give it the permission "Manage Roles" and move its role above this one (Server Settings → Roles), then give `/roles release`.',
    ]),
  }
}

const releasedReply = ({ what, actor }: NoticeOf<'released'>): Reply => ({
  tone: 'good',
  title: what === 'kick' ? 'Kicks are tried again' : 'A role is tried again',
  text: `${actorWords(actor)} released ${what === 'kick' ? 'kicks' : roleList([what])}: Discord had refused, and the bot tries again from now on.`,
})

function contestedReply({ memberId, roleId, what, times, grantor }: NoticeOf<'contested'>): Reply {
  const [member, role] = [memberMention(memberId), roleList([roleId])]
  const [title, happened, doing] =
    what === 'comes_back'
      ? [
          'Something keeps giving a role back',
          `The bot took ${role} from ${member} ${many(times, 'time')} within ten minutes, and each time it came back. ${rivalWords(grantor, memberId)}`,
          'giving',
        ]
      : [
          'Something keeps taking a role away',
          `The bot gave ${role} to ${member}, who has earned it, ${many(times, 'time')} within ten minutes, and each time it was gone again. Who takes it stands in the server’s audit log.`,
          'taking',
        ]
  return {
    tone: 'warn',
    title,
    text: paragraphs([
      happened,
      'So that the two do not go on for ever, the bot leaves this role on this member alone.',
      `Make them agree: keep the other from ${doing} ${role}, or let the bot leave it alone everywhere with \`/roles except\`. Then \`/audit run action:strip\`, with this member as its \`member\`, takes up again.`,
    ]),
  }
}

function rivalWords(grantor: Grantor, memberId: Id): string {
  if (grantor === null) return 'Who gives it could not be found.'
  return grantor.id === memberId ? givenBy([grantor], memberId) : `It is given by ${memberMention(grantor.id)}.`
}

/** Runs named; a server has seldom more than two under way. */
const MAX_RUNS = 8

function stoppedReply({ actor, runs }: NoticeOf<'stopped'>): Reply {
  const named = runs.map(({ id, purpose }) => `\`${id}\` (${purposeWords(purpose)})`)
  return {
    tone: 'warn',
    title: 'Everything was stopped',
    text: [
      `${actorWords(actor)} gave \`/stop\`: nothing acts by itself any more, and no run goes on. An Administrator arms again with \`/arm\`.`,
      runs.some(({ purpose }) => isResumable(purpose)) ? '`/audit resume` goes on with a run that has a plan.' : null,
    ]
      .filter((part) => part !== null)
      .join(' '),
    fields: runs.length > 0 ? [{ name: 'Interrupted', value: fewOf(named, MAX_RUNS) }] : [],
  }
}

const NOTHING_ARMED: Reply = {
  tone: 'warn',
  title: 'The policy takes roles, and nothing is armed',
  text: 'What the bot finds by itself is only reported: a role that was not earned stays until somebody runs `/audit run action:strip`. If the bot shall act by itself, an Administrator arms it with `/arm realtime` or `/arm schedule`; if not, leave it as it is.',
}

const kickGivenUpReply = ({ memberId, tries, detail }: NoticeOf<'kick_given_up'>): Reply => ({
  tone: 'warn',
  title: 'A kick was given up',
  text: `${memberMention(memberId)} was to be kicked, which failed ${many(tries, 'time')}: ${plainText(detail)} The bot does not try again by itself; look at the member with \`/explain\`, and kick them by hand if it is right.`,
})
