import { hasAccess } from '#src/core/access.ts'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import { closerWords, reasonList } from '#src/core/reasons.ts'
import { plainText } from '#src/core/text.ts'
import type { Asked, Command, CommandWorld, Reply, SourceStanding, WhoIs } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { mustBeId, noSuchCommand } from './given.ts'
import { DIFF, diff } from './identity-diff.ts'
import { LINK, link, UNLINK, unlink } from './identity-link.ts'
import { noticingWords } from './noticing-words.ts'
import { sourceFields } from './source-words.ts'
import { actorWords, ageWords, many, memberMention, nameText, paragraphs, timeMention, typedText } from './wording.ts'

/** `/identity`: what the identity source says, of itself and of one member; and who somebody is of whom it says nothing. */
export const identity: Command = {
  name: 'identity',
  description: 'What the identity database says',
  needs: 'read',
  subcommands: [
    {
      name: 'status',
      description: 'Whether it can be trusted, and its numbers',
      changes: 'nothing',
      options: [],
    },
    {
      name: 'show',
      description: 'Who a member is there: access, state, groups, accounts',
      changes: 'nothing',
      options: [{ name: 'member', description: 'Whom', type: 'user', required: true }],
    },
    DIFF,
    LINK,
    UNLINK,
  ],
  answer,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'status':
      return statusReply(await world.sourceStanding(asked.guildId))
    case 'show':
      return show(asked.guildId, mustBeId(asked, 'member'), world)
    case 'diff':
      return diff(asked, world)
    case 'link':
      return link(asked, world)
    case 'unlink':
      return unlink(asked, world)
    default:
      throw noSuchCommand()
  }
}

function statusReply(standing: SourceStanding): Reply {
  const { source, read, problem, before, blind } = standing
  const since = blind === null ? null : `The server is blind since ${timeMention(blind.since)}: nobody loses anything.`
  const name = `\`${source}\``
  if (read === null)
    return {
      tone: 'bad',
      title: 'The identity source does not answer',
      text: paragraphs([`${name}: ${plainText(problem ?? '')}`, since, 'This ends by itself when it answers again.']),
    }
  const { truth, vitals, names, age } = read
  return {
    tone: truth.suspect ? 'warn' : 'good',
    title: truth.suspect ? 'The identity source failed its health check' : 'The identity source is sound',
    text: paragraphs([
      truth.suspect
        ? `${name}: ${reasonList(truth)}. So nobody is acted on.${closerWords(truth)} If people really left, \`/acknowledge source\` shows these numbers and takes them for true; otherwise mend the source.`
        : `${name} passes its health check, and who holds what is judged by it.`,
      before === null ? 'Nothing was accepted of it yet: begin with `/audit run`.' : null,
      since,
      noticingWords(standing),
    ]),
    fields: [
      ...(sourceFields({ before, now: vitals, truth }) ?? []),
      {
        name: 'Names that it knows',
        value: `${many(names.groups.length, 'group')}, ${many(names.states.length, 'state')}, ${many(names.reservedNames.length, 'reserved name')}`,
      },
    ],
    footer: `identity read ${ageWords(age)}`,
  }
}

async function show(guildId: Id, memberId: Id, world: CommandWorld): Promise<Reply> {
  const isHere = await world.isMember(guildId, memberId)
  return showReply(await world.whoIs(guildId, memberId), isHere === false ? notHere(memberId) : null)
}

/** The source may know people who have left, and who they were is worth knowing. */
const notHere = (memberId: Id): string => `At this moment no member of this server has the id \`${memberId}\`.`

function showReply(
  { source, memberId, total, claims, link: own, links, suspect, age }: WhoIs,
  note: string | null,
): Reply {
  const who = memberMention(memberId)
  const doubt = suspect ? 'The source failed its health check, so do not take this for certain.' : null
  const footer = `source ${source}, read ${ageWords(age)}`
  const byHand = own === null ? null : ownLinkWords(own, source)
  if (total === 0)
    return {
      tone: 'plain',
      title: 'Nobody there has this account',
      text: paragraphs([`No identity in \`${source}\` has linked the account of ${who}.`, byHand, note, doubt]),
      footer,
    }
  const conflict =
    total === 1
      ? null
      : `${total} identities claim the account of ${who}. That is a conflict: nothing is taken or given until only one does. Look there for which of them is right.`
  const names = claims.map(({ identity: one }) => nameText(one.username))
  return {
    tone: total === 1 ? 'plain' : 'warn',
    title: total === 1 ? `Known as ${names[0]}` : `${total} identities claim this account`,
    text: paragraphs([conflict ?? `${who} is ${names[0]}.`, byHand, note, doubt]),
    fields: claims.map(({ identity: one, accounts }) => ({
      name: `${nameText(one.username)} (${typedText(one.id)})`,
      value: [accessLine(one), ...belongings(one), ...accountLines(accounts), ...linkLines(one, links)].join('\n'),
    })),
    footer,
  }
}

/** As `hasAccess` decides it, with why. */
function accessLine(one: Identity): string {
  const { active, access } = one
  if (!active) return '**No access:** switched off (not active), so nothing is earned.'
  if (!hasAccess(one)) return '**No access:** active, but neither a superuser nor with the access permission.'
  return `**Has access:** active, ${access ? 'with the access permission' : 'and a superuser'}.`
}

/** What is named of one person; of more the rest is counted. Four people, a field each, fit into one answer. */
const MOST_GROUPS = 15
const GROUPS_SPACE = 350
const MOST_ACCOUNTS = 5
const ACCOUNTS_SPACE = 300

function belongings({ state, groups }: Identity): readonly string[] {
  const named = fewOf(groups.map(nameText), MOST_GROUPS, ', ', GROUPS_SPACE)
  return [`State: ${state === null ? 'none' : nameText(state)}`, `Groups: ${groups.length === 0 ? 'none' : named}`]
}

function accountLines(accounts: readonly LinkedAccount[]): readonly string[] {
  if (accounts.length === 0) return []
  const lines = accounts.map(({ name, main, organisation, parentOrganisation }) => {
    const where = [organisation, parentOrganisation].filter((one) => one !== null).map(nameText)
    return `• ${nameText(name)}${main ? ' (main)' : ''}${where.length > 0 ? `, ${where.join(', ')}` : ''}`
  })
  return ['Accounts:', fewOf(lines, MOST_ACCOUNTS, '\n', ACCOUNTS_SPACE)]
}

const MOST_LINKS = 5

/** Those that the source has linked, and those that people have. */
function linkLines({ id, discordIds }: Identity, links: WhoIs['links']): readonly string[] {
  const byHand = links.filter(({ identityId }) => identityId === id).map(({ discordId }) => discordId)
  const listed = (ids: readonly Id[]) => fewOf(ids.map(memberMention), MOST_LINKS, ' ')
  return [
    `Discord: ${discordIds.length === 0 ? 'none' : listed(discordIds)}`,
    ...(byHand.length === 0 ? [] : [`Linked by hand: ${listed(byHand)}`]),
  ]
}

/** By whom this account was linked, when and why; and where that link claims nothing, that it does not. */
function ownLinkWords(own: NonNullable<WhoIs['link']>, source: string): string {
  const { identityId, by, at, reason, isKnown } = own
  const to = `Linked by hand to ${typedText(identityId)} by ${actorWords(by)} ${timeMention(at)}: ${typedText(reason)}`
  if (isKnown) return to
  const why =
    own.source === source
      ? 'The identity source knows nobody of that id now, so the link claims nothing.'
      : `That was said of the source \`${own.source}\`, where the ids are others, so the link claims nothing.`
  return `${to}\n${why} \`/identity unlink\` takes it back.`
}
