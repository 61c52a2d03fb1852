import { closerWords, reasonList } from '#src/core/reasons.ts'
import type { Quarantine } from '#src/core/run.ts'
import { plainText } from '#src/core/text.ts'
import type { GuildStatus, Reply } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { runLine } from './run-line.ts'
import { scheduleDoes, scheduleWords } from './schedule-words.ts'
import {
  actorWords,
  ageWords,
  many,
  memberMention,
  paragraphs,
  roleList,
  roleOrKicks,
  timeMention,
  typedText,
} from './wording.ts'

/** The answer to `/audit status`: what the bot stands on right now, and what it may do. */
export function statusReply(status: GuildStatus, now: number): Reply {
  const sound = isSound(status)
  return {
    tone: sound ? 'good' : 'warn',
    title: titleOf(status, sound),
    text: paragraphs([blindLine(status), lockLine(status)]),
    fields: fieldsOf(status, now).filter((field) => field.value !== ''),
  }
}

const isSound = ({ roster, identity, lacks, blind, quarantines, contests }: GuildStatus): boolean =>
  roster.state === 'live' &&
  !identity.suspect &&
  identity.problem === null &&
  lacks.length === 0 &&
  blind === null &&
  quarantines.length === 0 &&
  contests.length === 0

function titleOf({ blind }: GuildStatus, sound: boolean): string {
  if (blind) return 'Blind: nobody loses anything'
  return sound ? 'Ready' : 'Not everything is as it should be'
}

/** Each comes with what to click; somebody mends one after another. */
const MAX_LACKS = 5

/** A field without a value is left out. */
function fieldsOf(status: GuildStatus, now: number): readonly { readonly name: string; readonly value: string }[] {
  return [
    { name: 'Member list', value: rosterLine(status.roster) },
    { name: 'Identity source', value: identityLine(status.identity) },
    {
      name: 'What the bot lacks here',
      value: fewOf(
        status.lacks.map((lack) => `• ${lack}`),
        MAX_LACKS,
      ),
    },
    { name: 'Left alone, since Discord refuses', value: quarantineLines(status.quarantines) },
    { name: 'Left alone, since something else does not give way', value: contestLines(status.contests) },
    { name: 'Acting by itself', value: armedLine(status) },
    { name: 'Notices', value: channelLine(status) },
    { name: 'Your runs', value: quotaLine(status.quota) },
    {
      name: 'Last runs',
      value: status.lastRuns.map((run) => runLine(run, now)).join('\n') || 'None yet. Begin with `/audit run`.',
    },
  ]
}

function blindLine({ blind, identity: { fell } }: GuildStatus): string | null {
  if (blind === null) return null
  const why = blind.problem === null ? reasonList({ why: blind.why, fell }) : plainText(blind.problem)
  return `**Blind since ${timeMention(blind.since)}:** the identity source is not to be trusted (${why}), so nothing is taken from anybody. This ends by itself when the source is sound again.${closerWords(blind)} If people really left, \`/acknowledge source\` takes what it says for true.`
}

function lockLine({ acknowledged }: GuildStatus): string {
  return acknowledged
    ? `The first-run lock was lifted by ${actorWords(acknowledged.by)} ${timeMention(acknowledged.at)}.`
    : '**The first-run lock holds:** nothing is taken from anybody until an Administrator has read a report and lifted it with `/acknowledge first-run`.'
}

const ROSTER_WORDS: Readonly<Record<string, string>> = {
  cold: 'not read yet',
  syncing: 'being read',
  live: 'live',
  suspect: 'being checked again',
}

function rosterLine({ state, members, age, note }: GuildStatus['roster']): string {
  const known = `${ROSTER_WORDS[state] ?? state}: ${many(members, 'member')}`
  return [age === null ? known : `${known}, verified ${ageWords(age)}`, note === null ? null : plainText(note)]
    .filter((part) => part !== null)
    .join('\n')
}

function identityLine({ source, people, linked, suspect, why, fell, problem }: GuildStatus['identity']): string {
  if (problem !== null) return `${source}: cannot be read. ${plainText(problem)}`
  const counts = `${source}: ${many(people ?? 0, 'person', 'people')}, ${many(linked ?? 0, 'linked account')}`
  return suspect ? `${counts}\nFailed its health check (${reasonList({ why, fell })}): nobody is acted on.` : counts
}

/** Roles named; of more the rest is counted. */
const MAX_QUARANTINES = 5

/** Roles are released by their names, kicks by a switch. */
function mendingWords(quarantines: readonly Quarantine[]): string {
  const kicks = quarantines.some(({ what }) => what === 'kick')
  const roles = quarantines.some(({ what }) => what !== 'kick')
  const release = [roles ? '`/roles release`' : null, kicks ? '`/roles release kicks:True`' : null]
  const named = release.filter((command) => command !== null).join(' and ')
  return `Move the bot’s role up or give it the permission, then ${named}.`
}

function quarantineLines(quarantines: readonly Quarantine[]): string {
  if (quarantines.length === 0) return ''
  const lines = quarantines.map(
    ({ what, detail, at }) => `${roleOrKicks(what)} ${timeMention(at)}: ${typedText(detail)}`,
  )
  return `${fewOf(lines, MAX_QUARANTINES)}\n${mendingWords(quarantines)}`
}

/** Each is a role of one member; of more the rest is counted. */
const MAX_CONTESTS = 5

function contestLines(contests: GuildStatus['contests']): string {
  if (contests.length === 0) return ''
  const lines = contests.map(
    ({ memberId, roleId, times, at }) =>
      `${roleList([roleId])} of ${memberMention(memberId)}, changed ${many(times, 'time')} in vain until ${timeMention(at)}`,
  )
  return `${fewOf(lines, MAX_CONTESTS)}\nMake the two agree; then \`/audit run action:strip\`, with such a member as its \`member\`, takes up again.`
}

function armedLine({ armed, arrangements: { schedule }, acknowledged, nextLookAt }: GuildStatus): string {
  const next = nextLookAt === null ? '' : `, next ${timeMention(nextLookAt)}`
  const names = [armed.schedule ? 'schedule' : null, armed.realtime ? 'realtime' : null].filter((name) => name !== null)
  return [
    names.length > 0 ? `Armed: ${names.join(', ')}` : 'Not armed: nothing is done that nobody asked for.',
    armed.realtime
      ? 'Live: a role that was not earned is taken as soon as it is seen, as far as the policy says.'
      : 'Live: what is seen is recorded, not acted on.',
    schedule === null
      ? 'No schedule is set: the bot looks at everybody only when asked.'
      : `Schedule: looks at ${scheduleWords(schedule)}${next}. ${scheduleDoes(schedule, armed.schedule, acknowledged === null)}`,
  ].join('\n')
}

const channelLine = ({ arrangements: { channelId } }: GuildStatus): string =>
  channelId === null ? 'Posted nowhere; `/notices channel` sets where.' : `Posted in <#${channelId}>`

function quotaLine({ used, limit, freeAt }: GuildStatus['quota']): string {
  if (limit === null) return `${many(used, 'run')} in the last 24 hours; no limit is set.`
  const next = used >= limit && freeAt !== null ? ` The next is free ${timeMention(freeAt)}.` : ''
  return `${used} of ${limit} in the last 24 hours.${next}`
}
