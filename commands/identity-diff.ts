import type { Accepted, Endangered, LookForMissing, Loss, NameLost, SourceDiff } from '#src/core/losses.ts'
import { reasonList } from '#src/core/reasons.ts'
import { Refusal } from '#src/core/refusal.ts'
import { plainText } from '#src/core/text.ts'
import type { Asked, CommandWorld, Reply, Subcommand } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { sourceFields } from './source-words.ts'
import { many, memberMention, nameText, paragraphs, roleList, timeMention, typedText } from './wording.ts'

// Who vanished from the identity source since it was last accepted: by this a fall that is real is told from a source that is sick.

const USUAL = 50
const MOST = 1_000

export const DIFF: Subcommand = {
  name: 'diff',
  description: 'Who vanished from it since it was last accepted, and what roles hang on that',
  changes: 'nothing',
  options: [{ name: 'limit', description: `How many people are named (default: ${USUAL})`, type: 'integer' }],
}

export async function diff(asked: Asked, world: CommandWorld): Promise<Reply> {
  const found = await world.whoIsMissing(asked.guildId, limitOf(asked.options.limit))
  if (found.kind === 'nothing_kept') throw nothingKept(found)
  if (found.kind === 'unreachable') throw unreachable(found)
  return reply(found, asked.memberId === null ? AT_CONSOLE : IN_DISCORD)
}

function limitOf(option: unknown): number {
  const limit = option ?? USUAL
  if (Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= MOST) return Number(limit)
  throw new Refusal(`\`limit\` must be a whole number from 1 to ${MOST.toLocaleString('en')}.`)
}

type Of<K extends LookForMissing['kind']> = Extract<LookForMissing, { readonly kind: K }>

function nothingKept({ source, others }: Of<'nothing_kept'>): Refusal {
  const name = `\`${source}\``
  const [newest] = others
  if (newest)
    return new Refusal(
      `Nothing was accepted of the identity source ${name} yet. What was accepted last is of another kind, ${acceptedWords(newest)}, where an id is somebody else's, so the two cannot be compared. ${HOW_TO_KEEP}`,
    )
  return new Refusal(
    `No accepted reading of the identity source ${name} is kept for this server yet, so there is nothing to compare with. ${HOW_TO_KEEP}`,
  )
}

const HOW_TO_KEEP = 'Make a report with `/audit run`: a reading that passes the health check is kept from then on.'

const unreachable = ({ accepted, problem }: Of<'unreachable'>): Refusal =>
  new Refusal(
    `${plainText(problem)} So nobody can say who is missing. What was accepted last is ${acceptedWords(accepted)}.`,
  )

const acceptedWords = ({ source, at, people }: Accepted): string =>
  `\`${source}\` with ${many(people, 'person', 'people')}, read ${timeMention(at)}`

/** Letters of the list: Discord takes 4,096 in the text and 6,000 in all; a console takes what was asked for. */
const IN_DISCORD = 2_200
const AT_CONSOLE = Number.POSITIVE_INFINITY

function reply(diff: SourceDiff, room: number): Reply {
  const { truth, endangered, total, before, vitals } = diff
  return {
    tone: truth.suspect || endangered > 0 ? 'warn' : 'good',
    title: titleOf(diff),
    text: paragraphs([countWords(diff), truthWords(diff), stakeWords(diff), lossList(diff, room)]),
    fields: [
      ...(truth.suspect ? sourceFields({ before, now: vitals, truth }) : []),
      ...(diff.names.length > 0 ? [{ name: 'Groups and states that they lost', value: nameList(diff.names) }] : []),
    ],
    footer: `Nothing was changed by this look${total > 0 ? `; ${many(total, 'person', 'people')} lost something` : ''}.`,
  }
}

function titleOf({ counts: { gone }, total }: SourceDiff): string {
  if (gone > 0) return `${many(gone, 'person', 'people')} vanished`
  return total > 0 ? `Nobody vanished, ${many(total, 'person', 'people')} lost something` : 'Nobody is missing'
}

function countWords({ source, acceptedAt, people, appeared, counts }: SourceDiff): string {
  const number = (count: number) => `**${count.toLocaleString('en')}**`
  const then = `\`${source}\` was last accepted as it was read ${timeMention(acceptedAt)}, with ${number(people.before)} people; now it has ${number(people.now)}.`
  const gone = `Since then ${number(counts.gone)} vanished and ${number(appeared)} appeared.`
  const rest = `Of those who are still there ${number(counts.access)} lost their access, ${number(counts.accounts)} a linked account, ${number(counts.belongings)} a group or state.`
  return `${then} ${gone} ${rest}`
}

/** The check goes by other numbers than those of one reading, which somebody who compares them would wonder about. */
function truthWords({ truth }: SourceDiff): string {
  if (!truth.suspect) return 'The source passes its health check as it is, so everybody is judged by it.'
  const reach = truth.fell
    ? ' The check compares with the highest numbers of a day: whoever vanished before the last accepted reading is not in this list.'
    : ''
  return `The source fails its health check (${reasonList(truth)}), so nobody loses anything.${reach} If these people really left, \`/acknowledge source\` takes the numbers for true; otherwise mend the source.`
}

function stakeWords({ endangered, total, rosterState }: SourceDiff): string | null {
  if (total === 0) return null
  const old = rosterState === 'live' ? '' : ' The member list is not live at this moment, so roles may be old.'
  if (endangered === 0) return `None of them is linked to a member who holds a role that hangs on this.${old}`
  return `**${endangered.toLocaleString('en')}** of them are linked to members who hold roles that nothing in the source earns now; those stand first.${old}`
}

function lossList({ losses, total }: SourceDiff, room: number): string | null {
  if (total === 0) return null
  const list = fewOf(losses.map(lineOf), losses.length, '\n', room, total)
  return list
}

function lineOf({ loss, members }: Endangered): string {
  const who =
    loss.username === null
      ? `**${typedText(loss.id)}** vanished`
      : `**${nameText(loss.username)}** (${typedText(loss.id)})`
  return `• ${who}: ${lostWords(loss)} → ${membersWords(members)}`
}

/** Groups named of one person; most have few. */
const MOST_GROUPS = 4
const MOST_MEMBERS = 3

function lostWords({ username, access, discordIds, state, groups }: Loss): string {
  const names = [...(state === null ? [] : [state]), ...groups].map(nameText)
  const lost = [
    access ? 'access' : null,
    // Whose accounts they were is told beside the members.
    username !== null && discordIds.length > 0 ? fewOf(discordIds.map(memberMention), MOST_MEMBERS, ' ') : null,
    names.length > 0 ? fewOf(names, MOST_GROUPS, ', ') : null,
  ].filter((part) => part !== null)
  const verb = username === null ? 'had' : 'lost'
  return lost.length === 0 ? `${verb} nothing` : `${verb} ${lost.join('; ')}`
}

function membersWords(members: Endangered['members']): string {
  if (members.length === 0) return 'no linked account'
  const words = members.map(({ memberId, roleIds }) =>
    roleIds.length === 0 ? memberMention(memberId) : `${memberMention(memberId)} holds ${roleList(roleIds)}`,
  )
  return fewOf(words, MOST_MEMBERS, ', ')
}

const MOST_NAMES = 8
const NAMES_ROOM = 600

const nameList = (names: readonly NameLost[]): string =>
  fewOf(
    names.map(({ kind, name, people }) => `${kind} ${nameText(name)}: ${many(people, 'person', 'people')}`),
    MOST_NAMES,
    '\n',
    NAMES_ROOM,
  )
