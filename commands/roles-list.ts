import type { Quarantine } from '#src/core/run.ts'
import type { Asked, CommandWorld, Reply, RoleStanding } from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { pageButtons, pageOf, rangeWords } from './paging.ts'
import { many, nameText, roleList, roleOrKicks, typedText } from './wording.ts'

/** Roles on one page; each takes two or three lines. */
const PAGE = 6

/** Groups and states named of one role. */
const MAX_EARNING = 4

/** Names, and roles without a line of their own, in one field; of more the rest is counted. */
const MAX_NAMED = 12

/** The answer to `/roles list`: which roles the identity database decides, by what they are earned, and what is odd about them. */
export async function rolesPage({ guildId, actor }: Asked, offset: number, world: CommandWorld): Promise<Reply> {
  const { roles, unmatched } = await world.governed(guildId)
  const { roleExceptions } = await world.settings(guildId)
  const { quarantines } = await world.status(guildId, actor)
  const page = pageOf(roles, offset, PAGE)
  const refused = new Set<string>(quarantines.map(({ what }) => what))
  return {
    tone: 'plain',
    title: 'Roles that the identity database decides',
    text:
      page.items.map((role) => lineOf(role, refused)).join('\n') ||
      'None: no group or state has a role of its name, and none is mapped.',
    fields: [
      { name: 'Names without a role', value: fewOf(unmatched.map(sourceWords), MAX_NAMED, ', ') },
      { name: 'Never decided by it', value: fewOf(roleExceptions.map(exceptionWords), MAX_NAMED, ', ') },
      { name: 'Left alone, since Discord refuses', value: quarantineWords(quarantines) },
    ].filter(({ value }) => value !== ''),
    footer: rangeWords(page, 'role'),
    buttons: pageButtons((at) => `roles:list:${at}`, page, PAGE),
  }
}

type Source = RoleStanding['earnedBy'][number]

const sourceWords = ({ kind, name }: Source): string => `${kind} ${nameText(name)}`

function lineOf({ roleId, earnedBy, reachable, holders }: RoleStanding, refused: ReadonlySet<string>): string {
  const names = fewOf(earnedBy.map(sourceWords), MAX_EARNING, ' or ')
  return [
    `**${roleList([roleId])}** earned by ${names || 'nothing'}`,
    many(holders, 'holder'),
    reachable ? null : '**out of the bot’s reach**: move the bot’s role above it',
    refused.has(roleId) ? '**left alone**' : null,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

/** An exception is a role's id, or a name that somebody typed. */
const exceptionWords = (exception: string): string =>
  /^\d{17,20}$/.test(exception) ? roleList([exception]) : nameText(exception)

const quarantineWords = (quarantines: readonly Quarantine[]): string =>
  fewOf(
    quarantines.map(({ what, detail }) => `${roleOrKicks(what)} (${typedText(detail)})`),
    MAX_NAMED,
  )
