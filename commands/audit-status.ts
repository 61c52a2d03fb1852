import type { Run } from '#src/core/run.ts'
import { plainText } from '#src/core/text.ts'
import type { GuildStatus, Reply } from '#src/discord/command.ts'
import { ageWords, many, memberMention, timeMention } from './wording.ts'

/** The answer to `/audit status`: what the bot stands on right now, and what it may do. */
export function statusReply(status: GuildStatus, now: number): Reply {
  const { roster, identity, lacks } = status
  const sound = roster.state === 'live' && !identity.suspect && identity.problem === null && lacks.length === 0
  return {
    tone: sound ? 'good' : 'warn',
    title: sound ? 'Ready' : 'Not everything is as it should be',
    text: lockLine(status),
    fields: [
      { name: 'Member list', value: rosterLine(status.roster) },
      { name: 'Identity source', value: identityLine(status.identity) },
      ...(lacks.length > 0
        ? [{ name: 'What the bot lacks here', value: lacks.map((lack) => `• ${lack}`).join('\n') }]
        : []),
      { name: 'Acting unattended', value: armedLine(status.armed) },
      { name: 'Your runs', value: quotaLine(status.quota) },
      {
        name: 'Last runs',
        value: status.lastRuns.map((run) => runLine(run, now)).join('\n') || 'None yet. Begin with `/audit run`.',
      },
    ],
  }
}

function lockLine({ acknowledged }: GuildStatus): string {
  return acknowledged
    ? `The first-run lock was lifted by ${actorWords(acknowledged.by)} ${timeMention(acknowledged.at)}.`
    : '**The first-run lock holds:** nothing is taken from anybody until an Administrator has read a report and lifted it with `/acknowledge first-run`.'
}

/** Console names are typed by people; Discord ids are shown as mentions. */
const actorWords = (actor: string): string =>
  actor.startsWith('discord:') ? memberMention(actor.slice('discord:'.length)) : plainText(actor)

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

function identityLine({ source, people, linked, suspect, why, problem }: GuildStatus['identity']): string {
  if (problem !== null) return `${source}: cannot be read. ${plainText(problem)}`
  const counts = `${source}: ${many(people ?? 0, 'person', 'people')}, ${many(linked ?? 0, 'linked account')}`
  return suspect ? `${counts}\nFailed its health check (${plainText(why.join(', '))}): nobody is acted on.` : counts
}

function armedLine({ schedule, realtime }: GuildStatus['armed']): string {
  const armed = [schedule ? 'schedule' : null, realtime ? 'realtime' : null].filter((name) => name !== null)
  return armed.length > 0 ? `Armed: ${armed.join(', ')}` : 'Not armed: what is found live is recorded, not acted on.'
}

function quotaLine({ used, limit, freeAt }: GuildStatus['quota']): string {
  if (limit === null) return `${many(used, 'run')} in the last 24 hours; no limit is set.`
  const next = used >= limit && freeAt !== null ? ` The next is free ${timeMention(freeAt)}.` : ''
  return `${used} of ${limit} in the last 24 hours.${next}`
}

function runLine(run: Run, now: number): string {
  const done = run.outcomes.done ?? 0
  const facts = [run.state.replace('_', ' '), run.action, done > 0 ? `${done} changed` : null]
  return `\`${run.id}\`\n${facts.filter((fact) => fact !== null).join(' · ')} · ${timeMention(Math.min(run.startedAt, now))}`
}
