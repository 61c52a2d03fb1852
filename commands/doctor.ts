import { takesSomething } from '#src/core/harm.ts'
import { closerWords, reasonList } from '#src/core/reasons.ts'
import { plainText } from '#src/core/text.ts'
import type { Asked, Checkup, Command, CommandWorld, GuildStatus, Reply, SourceStanding } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { bad, checklist, good, type Line, warn } from './checklist.ts'
import { ageWords, many, memberMention, nameText, roleList, spanWords } from './wording.ts'

/** `/doctor`: everything that keeps the bot from its work, or will, each line with what to do. */
export const doctor: Command = {
  name: 'doctor',
  description: 'What keeps the bot from its work, line by line, and what to do',
  needs: 'read',
  changes: 'nothing',
  answer,
}

async function answer({ guildId, actor }: Asked, world: CommandWorld): Promise<Reply> {
  const [status, source, checkup] = await Promise.all([
    world.status(guildId, actor),
    world.sourceStanding(guildId),
    world.checkUp(guildId),
  ])
  return checklist([
    rosterLine(status),
    sourceLine(source),
    ...atDiscord(status, checkup),
    clockLine(checkup),
    ...governedLines(checkup),
    ...actingLines(status, checkup),
    ...anchorLines(checkup, world.now()),
  ])
}

/** Nothing is said of those that are well, nor where there is none. */
const anchorLines = ({ anchors }: Checkup, now: number): readonly Line[] =>
  anchors.map(({ kind, since, problem }) =>
    warn(
      `The record's checkpoints wait: the ${kind} that is to keep them (\`TRAIL_ANCHOR_${kind.toUpperCase()}\`) ${plainText(problem)}, for ${spanWords(now - since)}. Mend it; they are given to it by themselves then.`,
    ),
  )

function rosterLine({ roster: { state, members, age, note } }: GuildStatus): Line {
  const known = `${many(members, 'member')}, verified ${ageWords(age)}`
  if (state === 'live') return good(`The member list is live: ${known}.`)
  const why = note === null ? '' : ` ${plainText(note)}`
  return warn(`The member list is not live (${state}): ${known}. Nobody is acted on until it is; wait a minute.${why}`)
}

function sourceLine({ source, read, problem, before }: SourceStanding): Line {
  const name = `\`${source}\``
  if (read === null) return bad(`The identity source ${name} does not answer: ${plainText(problem ?? '')}`)
  const counts = `${many(read.vitals.identities, 'person', 'people')}, read ${ageWords(read.age)}`
  if (read.truth.suspect)
    return bad(
      `The identity source ${name} fails its health check (${reasonList(read.truth)}): ${counts}. \`/identity status\` shows the numbers.${closerWords(read.truth)} Mend the source, or accept a fall that is real with \`/acknowledge source\`.`,
    )
  if (before === null)
    return warn(
      `Nothing was accepted of the identity source ${name} yet (${counts}). Make a report with \`/audit run\`, and read it.`,
    )
  return good(`The identity source ${name} is sound: ${counts}.`)
}

/** What the bot may not do there, and what Discord refused it. Whoever can be connected has the intents: Discord lets nobody in who lacks them. */
function atDiscord(status: GuildStatus, { summaries }: Checkup): readonly Line[] {
  const { lacks, quarantines } = status
  return [
    ...lacks.map((lack) => bad(lack)),
    lacks.length === 0
      ? good('The bot has every permission that it needs here, its intents, and stands above every governed role.')
      : null,
    quarantines.length > 0
      ? bad(
          `${aloneWords(quarantines)} left alone, since Discord refused the bot there; \`/audit status\` says when and why. Mend that, then \`/roles release\`.`,
        )
      : null,
    ...toldLines(status, summaries),
  ].filter((line) => line !== null)
}

/** Of the bot's own notices and of the summaries by webhook one is enough, but what is set up is to work. */
function toldLines({ arrangements: { channelId } }: GuildStatus, summaries: Checkup['summaries']): readonly Line[] {
  const notices = channelId === null ? [] : [good(`Notices go to <#${channelId}>.`)]
  if (summaries === null) return notices.length > 0 ? notices : [warn(TOLD_NOBODY)]
  return 'problem' in summaries
    ? [...notices, bad(`Summaries cannot be posted. ${plainText(summaries.problem)}`)]
    : [...notices, good(`Summaries go to <#${summaries.channelId}>, by the webhook ${nameText(summaries.name)}.`)]
}

const TOLD_NOBODY = 'Nobody is told what the bot does by itself. Choose a channel with `/notices channel`.'

/** `2 roles and kicks are` */
function aloneWords(quarantines: GuildStatus['quarantines']): string {
  const roles = quarantines.filter(({ what }) => what !== 'kick').length
  const parts = [roles > 0 ? many(roles, 'role') : null, quarantines.length > roles ? 'kicks' : null]
  const isOne = roles === 1 && quarantines.length === 1
  return `${parts.filter((part) => part !== null).join(' and ')} ${isOne ? 'is' : 'are'}`
}

/** Discord's answers tell whole seconds, and take a while. */
const SKEW_MS = 5_000

function clockLine({ skewMs }: Checkup): Line {
  if (Math.abs(skewMs) < SKEW_MS) return good("This machine's clock goes with Discord's.")
  const seconds = Math.round(Math.abs(skewMs) / 1_000).toLocaleString('en')
  return warn(
    `This machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} Discord's, so times in the record and of the schedule are wrong by as much. Let the machine set its clock (NTP).`,
  )
}

const MOST_NAMED = 8

function governedLines({ governed }: Checkup): readonly Line[] {
  if (governed === null)
    return [warn('What the roles here are earned by cannot be said, since the identity source does not answer.')]
  const { roles, unmatched, namesakes, claimedTwice: twice, holders } = governed
  return [
    roles === 0
      ? bad(
          'No role here is governed: none bears the name of a group or state of the identity source. Name roles like them, or map them with `/roles map`.',
        )
      : good(`${many(roles, 'role')} governed.`),
    unmatched.length > 0
      ? warn(
          `${many(unmatched.length, 'group or state', 'groups and states')} of the identity source match no role here: ${fewOf(
            unmatched.map(({ name }) => nameText(name)),
            MOST_NAMED,
            ', ',
            NAMES_SPACE,
          )}. That is well where they need none; else \`/roles map\`.`,
        )
      : null,
    ...namesakes
      .slice(0, MOST_NAMED)
      .map((ids) =>
        warn(
          `${ids.length} governed roles have one name: ${roleList(ids)}. Whoever earns one earns all. Rename those that are not meant.`,
        ),
      ),
    twice.length > 0
      ? warn(
          `${many(twice.length, 'member')} claimed by two identities or more, whom nothing is taken from or given to: ${fewOf(twice.map(memberMention), MOST_NAMED, ' ', NAMES_SPACE)}. \`/identity show\` says by whom.`,
        )
      : null,
    shareLine(holders),
  ].filter((line) => line !== null)
}

const NAMES_SPACE = 500

function shareLine({ total, owner, protectedOnes, beyond }: NonNullable<Checkup['governed']>['holders']): Line | null {
  if (total === 0) return null
  const free = total - owner - protectedOnes - beyond
  const share = `Of ${many(total, 'member')} with a governed role the bot could act on ${free.toLocaleString('en')} (${Math.floor((free / total) * 100)}%)`
  const why = [
    beyond > 0 ? `${beyond.toLocaleString('en')} hold none within its reach` : null,
    protectedOnes > 0 ? `${protectedOnes.toLocaleString('en')} protected` : null,
    owner > 0 ? 'the owner of the server' : null,
  ].filter((part) => part !== null)
  const text = why.length === 0 ? `${share}.` : `${share}; not on: ${why.join(', ')}.`
  return beyond > 0 ? warn(`${text} Drag the bot's role above theirs.`) : good(text)
}

function actingLines({ acknowledged, armed, lastRuns }: GuildStatus, { settings }: Checkup): readonly Line[] {
  const waiting = lastRuns.filter(({ state }) => state === 'awaiting_approval').length
  const cut = lastRuns.filter(({ state }) => state === 'interrupted').length
  const isArmed = armed.schedule || armed.realtime
  return [
    acknowledged === null
      ? warn('The first-run lock holds: nothing is taken from anybody. Read a report, then `/acknowledge first-run`.')
      : good('The first-run lock was lifted.'),
    takesSomething(settings.policy) && !isArmed && acknowledged !== null
      ? warn(
          'The policy takes roles, and nothing is armed: it does so only where somebody asks. `/arm realtime` and `/arm schedule` change that.',
        )
      : null,
    isArmed
      ? good(
          `Armed: ${[armed.realtime ? 'realtime' : null, armed.schedule ? 'schedule' : null].filter((one) => one !== null).join(', ')}.`,
        )
      : null,
    waiting > 0
      ? warn(
          `${many(waiting, 'run')} among the last ones wait for approval: \`/audit runs\`, then \`/acknowledge plan\`.`,
        )
      : null,
    cut > 0
      ? warn(
          `${many(cut, 'run')} among the last ones were cut off: \`/audit resume\` goes on, \`/audit abandon\` gives up.`,
        )
      : null,
  ].filter((line) => line !== null)
}
