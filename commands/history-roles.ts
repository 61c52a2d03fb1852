import type { RoleHistoryFilter, RoleHistoryLine } from '#src/core/history.ts'
import type { Id } from '#src/core/model.ts'
import type { RoleChangeCause } from '#src/core/role-history.ts'
import type { Asked, CommandWorld, Reply } from '#src/discord/command.ts'
import { idIn, mustBeId, mustBeOffset, mustBeRole, oldButton, textIn, wordIn } from './given.ts'
import { longId, nobodyNotes } from './history-page.ts'
import { readMoment } from './moment-option.ts'
import { actorWords, memberMention, momentMention, nameText, roleList, timeMention } from './wording.ts'

// `/history member|role|moderator`: every change of a governed role that was seen.

/** Changes on one page: two lines each on a phone. */
const PAGE = 8
const OPERATIONS = ['added', 'removed'] as const

export const ROLE_VIEWS = ['member', 'role', 'moderator'] as const
export type RoleView = (typeof ROLE_VIEWS)[number]

/** Of the page that was asked for by a command. */
export function roleHistoryReply(asked: Asked, view: RoleView, world: CommandWorld): Promise<Reply> {
  return page(asked.guildId, view, { filter: filterOf(asked, view, world.now()), offset: 0 }, world)
}

/** Of the page that a button names. */
export function pressedRoleHistory(guildId: Id, rest: readonly string[], world: CommandWorld): Promise<Reply> {
  const [view, ...wanted] = rest
  const known = ROLE_VIEWS.find((name) => name === view)
  if (known === undefined) throw oldButton()
  return page(guildId, known, readWanted(wanted), world)
}

function filterOf(asked: Asked, view: RoleView, now: number): RoleHistoryFilter {
  const [memberId, roleId] = [idIn(asked, 'member'), asked.options.role === undefined ? null : mustBeRole(asked)]
  const [scope, operation] = [textIn(asked, 'scope'), wordIn(asked, 'operation', OPERATIONS)]
  const moment = (name: string) => {
    const typed = textIn(asked, name)
    return typed === null ? null : readMoment(typed, name, now)
  }
  const subject =
    view === 'member'
      ? { memberId: mustBeId(asked, 'member') }
      : view === 'role'
        ? { roleId: mustBeRole(asked), ...(memberId !== null && { memberId }) }
        : { moderatorId: mustBeId(asked, 'member') }
  const [since, until] = [moment('since'), moment('until')]
  return {
    ...subject,
    ...(view !== 'role' && roleId !== null && { roleId }),
    ...(operation !== null && { operation }),
    ...(scope !== null && { scope }),
    ...(since !== null && { since }),
    ...(until !== null && { until }),
  }
}

interface Wanted {
  readonly filter: RoleHistoryFilter
  readonly offset: number
}

async function page(guildId: Id, view: RoleView, wanted: Wanted, world: CommandWorld): Promise<Reply> {
  const { filter, offset } = wanted
  const { lines, more } = await world.roleHistory(guildId, filter, { offset, limit: PAGE })
  const idOf = (at: number) => `history:${view}:${writeWanted({ filter, offset: at })}`
  const isAll = offset === 0 && !more
  const told = lines.length > 0 ? lines.map((line) => lineOf(view, line)) : [await nothingWords(guildId, filter, world)]
  const range = lines.length === 0 ? 'none' : `${offset + 1}–${offset + lines.length}`
  return {
    tone: 'plain',
    title: 'Changes of roles',
    text: [`${headOf(view, filter)}:`, ...told].join('\n'),
    footer: `${range}, the newest first · /audit as-of says what somebody held at a moment`,
    ...(!isAll && {
      buttons: [
        { id: idOf(Math.max(0, offset - PAGE)), label: 'Back', disabled: offset === 0 },
        { id: idOf(offset + PAGE), label: 'Next', disabled: !more, ...(more && { next: true as const }) },
      ],
    }),
  }
}

/** Those who have left have a history too, but an id of nobody is more often a slip. */
async function nothingWords(guildId: Id, filter: RoleHistoryFilter, world: CommandWorld): Promise<string> {
  const { memberId, moderatorId, roleId } = filter
  const notes: string[] = []
  for (const id of [memberId, moderatorId]) notes.push(...(await nobodyNotes(guildId, id, world)))
  if (roleId !== undefined && (await world.isRole(guildId, roleId)) === false)
    notes.push(`This server has no role with the id \`${roleId}\`.`)
  return [NOTHING, ...notes].join('\n')
}

const NOTHING =
  'Nothing is on record. Recorded is what the bot saw of governed roles while it was connected, from the day on which it was first live here.'

function headOf(view: RoleView, filter: RoleHistoryFilter): string {
  const { memberId, roleId, moderatorId, operation, scope, since, until } = filter
  const of = memberId === undefined ? '' : ` of ${memberMention(memberId)}`
  const parts = [
    view === 'moderator' ? `Made by ${memberMention(moderatorId ?? '')}` : `Governed roles${of}`,
    roleId === undefined ? null : `only ${roleList([roleId])}`,
    operation === undefined ? null : `only what was ${operation}`,
    scope === undefined ? null : `only what is earned by \`${nameText(scope)}…\``,
    since === undefined ? null : `since ${momentMention(since)}`,
    until === undefined ? null : `until ${momentMention(until)}`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

function lineOf(view: RoleView, { at, memberId, roleId, operation, actor, why, run }: RoleHistoryLine): string {
  const what = operation === 'added' ? `＋ ${roleList([roleId])}` : `－ ${roleList([roleId])}`
  const whose =
    view === 'member'
      ? ''
      : operation === 'added'
        ? ` to ${memberMention(memberId)}`
        : ` from ${memberMention(memberId)}`
  const by = view === 'moderator' ? '' : ` · ${byWords(actor, why)}`
  return `${timeMention(at)} ${what}${whose}${by}${run === null ? '' : ` · run \`${run}\``}`
}

const WHY: Readonly<Record<RoleChangeCause, string>> = {
  seen: 'by somebody whom Discord did not name',
  join: 'on joining',
  leave: 'on leaving',
  role_deleted: 'the role was deleted',
  resync: 'while nobody watched; found later',
}

/** Whoever is known goes before how it came about. */
export const byWords = (actor: string | null, why: RoleChangeCause): string =>
  actor === null ? WHY[why] : `by ${actorWords(actor)}`

/** Ids and times as short as they get: a button's id has room for 100 characters. What people typed is last, since it may hold anything. */
function writeWanted({ filter, offset }: Wanted): string {
  const { memberId, roleId, moderatorId, operation, scope = '', since, until } = filter
  const ids = [memberId, roleId, moderatorId].map((id) => (id === undefined ? '' : BigInt(id).toString(36)))
  const times = [since, until].map((at) => (at === undefined ? '' : at.toString(36)))
  return [...ids, operation?.[0] ?? '', ...times, offset, scope].join(':')
}

const SHORT_ID = /^[0-9a-z]{0,13}$/

function readWanted(written: readonly string[]): Wanted {
  const [member = '', role = '', moderator = '', letter = '', since = '', until = '', offset, ...scope] = written
  if (![member, role, moderator, since, until].every((part) => SHORT_ID.test(part))) throw oldButton()
  const operation = OPERATIONS.find((word) => word[0] === letter)
  const prefix = scope.join(':')
  const filter = {
    ...(member !== '' && { memberId: longId(member) }),
    ...(role !== '' && { roleId: longId(role) }),
    ...(moderator !== '' && { moderatorId: longId(moderator) }),
    ...(operation && { operation }),
    ...(since !== '' && { since: Number.parseInt(since, 36) }),
    ...(until !== '' && { until: Number.parseInt(until, 36) }),
    ...(prefix !== '' && { scope: prefix }),
  }
  return { filter, offset: mustBeOffset(offset) }
}
