import type { Id } from '#src/core/model.ts'
import type { Quarantine } from '#src/core/run.ts'
import type { Asked, CommandWorld, Reply, RoleStanding } from '#src/discord/command.ts'
import { pageButtons, pageOf, rangeWords } from './paging.ts'
import { many, roleList, roleOrKicks, typedText } from './wording.ts'

/** Roles on one page; each takes two or three lines. */
const PAGE = 10

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
      { name: 'Names without a role', value: bounded(unmatched.map(({ kind, name }) => `${kind} ${typedText(name)}`)) },
      { name: 'Never decided by it', value: bounded(roleExceptions.map(exceptionWords)) },
      { name: 'Left alone, since Discord refuses', value: quarantineWords(quarantines) },
    ].filter(({ value }) => value !== ''),
    footer: rangeWords(page, 'role'),
    buttons: pageButtons((at) => `roles:list:${at}`, page, PAGE),
  }
}

function lineOf({ roleId, earnedBy, reachable, holders }: RoleStanding, refused: ReadonlySet<string>): string {
  const names = earnedBy.slice(0, MAX_NAMED).map(({ kind, name }) => `${kind} ${typedText(name)}`)
  const more = earnedBy.length > MAX_NAMED ? ` or ${earnedBy.length - MAX_NAMED} more` : ''
  return [
    `**${roleList([roleId])}** earned by ${names.join(' or ') || 'nothing'}${more}`,
    many(holders, 'holder'),
    reachable ? null : '**out of the bot’s reach**: move the bot’s role above it',
    refused.has(roleId) ? '**left alone**' : null,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

/** An exception is a role's id, or a name that somebody typed. */
const exceptionWords = (exception: string): string =>
  /^\d{17,20}$/.test(exception) ? roleList([exception]) : typedText(exception)

const quarantineWords = (quarantines: readonly Quarantine[]): string =>
  bounded(
    quarantines.map(
      ({ what, detail }: { what: Id | 'kick'; detail: string }) => `${roleOrKicks(what)} (${typedText(detail)})`,
    ),
  )

function bounded(parts: readonly string[]): string {
  const more = parts.length > MAX_NAMED ? ` and ${parts.length - MAX_NAMED} more` : ''
  return `${parts.slice(0, MAX_NAMED).join(', ')}${more}`
}
