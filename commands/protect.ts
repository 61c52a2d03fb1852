import type { Id, Settings } from '#src/core/model.ts'
import { compareIds } from '#src/core/order.ts'
import { Refusal } from '#src/core/refusal.ts'
import { type Asked, byOf, type Command, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { idIn, mustBeId, mustBeOffset, mustBeRole, noSuchCommand, oldButton } from './given.ts'
import { pageButtons, pageOf, rangeWords } from './paging.ts'
import { reasonOption } from './reason-option.ts'
import { memberNote, roleNote } from './there-words.ts'
import { memberMention, paragraphs, roleList } from './wording.ts'

/** Whom nothing is taken from is looked through for every member; and who protects more than this wants another policy. */
const MOST_PROTECTED = 1_000

/** `/protect`: members, and holders of roles, from whom nothing is ever taken. */
export const protect: Command = {
  name: 'protect',
  description: 'Members and roles that the bot never takes anything from',
  needs: 'protect',
  subcommands: [
    {
      name: 'member',
      description: 'Take nothing from this member',
      options: [{ name: 'member', description: 'Whom', type: 'user', required: true }, reasonOption],
    },
    {
      name: 'role',
      description: 'Take nothing from anybody who holds this role',
      options: [{ name: 'role', description: 'Which role', type: 'role', required: true }, reasonOption],
    },
    {
      name: 'lift',
      description: 'Protect a member or a role no longer',
      options: [
        { name: 'member', description: 'This member', type: 'user' },
        { name: 'role', description: 'This role', type: 'role' },
        reasonOption,
      ],
    },
    { name: 'list', description: 'Who and what is protected', changes: 'nothing', options: [] },
  ],
  answer,
  async press({ guildId }, rest, world) {
    const [what, offset] = rest.split(':')
    if (what !== 'list') throw oldButton()
    return list(guildId, mustBeOffset(offset), world)
  },
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'member':
      return add(asked, 'protectedMembers', mustBeId(asked, 'member'), world)
    case 'role':
      return add(asked, 'protectedRoles', mustBeRole(asked), world)
    case 'lift':
      return lift(asked, world)
    case 'list':
      return list(asked.guildId, 0, world)
    default:
      throw noSuchCommand()
  }
}

type Kept = 'protectedMembers' | 'protectedRoles'

const mentionOf = (kept: Kept, id: Id): string => (kept === 'protectedMembers' ? memberMention(id) : roleList([id]))

async function add(asked: Asked, kept: Kept, id: Id, world: CommandWorld): Promise<Reply> {
  const edit = (settings: Settings) => withOne(settings, kept, id)
  const { changed } = await world.changeSettings(asked.guildId, edit, byOf(asked))
  const isOne = kept === 'protectedMembers'
  const does = isOne
    ? `The bot takes nothing from ${mentionOf(kept, id)} and does not kick them.`
    : `The bot takes nothing from whoever holds ${mentionOf(kept, id)} and kicks nobody of them.`
  const note = isOne
    ? await memberNote(asked.guildId, id, '/protect lift', world)
    : await roleNote(asked.guildId, [id], '/protect lift', world)
  return {
    tone: note === null ? 'good' : 'warn',
    title: changed.length > 0 ? 'Protected' : 'Protected already',
    text: paragraphs([
      `${does} What is out of order is still reported, and roles that were earned are still given.`,
      note,
    ]),
  }
}

function withOne(settings: Settings, kept: Kept, id: Id): Partial<Settings> {
  const ids = settings[kept]
  if (ids.includes(id)) return {}
  if (ids.length >= MOST_PROTECTED)
    throw new Refusal(
      `${MOST_PROTECTED} are protected already, which is the most. Protect a role instead of its holders, or lift some with \`/protect lift\`. Nothing was changed.`,
    )
  return { [kept]: [...ids, id].sort(compareIds) }
}

async function lift(asked: Asked, world: CommandWorld): Promise<Reply> {
  const memberId = idIn(asked, 'member')
  const roleId = idIn(asked, 'role')
  if (memberId === null && roleId === null)
    throw new Refusal('Say which member or which role shall be protected no longer. Nothing was changed.')
  const edit = ({ protectedMembers, protectedRoles }: Settings): Partial<Settings> => ({
    ...(memberId !== null &&
      protectedMembers.includes(memberId) && { protectedMembers: without(protectedMembers, memberId) }),
    ...(roleId !== null && protectedRoles.includes(roleId) && { protectedRoles: without(protectedRoles, roleId) }),
  })
  const { changed } = await world.changeSettings(asked.guildId, edit, byOf(asked))
  const named = [
    memberId === null ? null : mentionOf('protectedMembers', memberId),
    roleId === null ? null : mentionOf('protectedRoles', roleId),
  ].filter((mention) => mention !== null)
  return changed.length > 0
    ? {
        tone: 'good',
        title: 'No longer protected',
        text: `${named.join(' and ')}: from now on the policy holds as for everybody else.`,
      }
    : {
        tone: 'warn',
        title: 'Was not protected',
        text: `${named.join(' and ')}: nothing was changed. \`/protect list\` shows what is protected.`,
      }
}

const without = (ids: readonly Id[], gone: Id): readonly Id[] => ids.filter((id) => id !== gone)

/** Lines on one page; each is one mention. */
const PAGE = 20

async function list(guildId: Id, offset: number, world: CommandWorld): Promise<Reply> {
  const { protectedMembers, protectedRoles } = await world.settings(guildId)
  const lines = [
    ...protectedRoles.map((id) => `whoever holds ${mentionOf('protectedRoles', id)}`),
    ...protectedMembers.map((id) => mentionOf('protectedMembers', id)),
  ]
  const page = pageOf(lines, offset, PAGE)
  return {
    tone: 'plain',
    title: 'Protected: nothing is taken from them',
    text: page.items.join('\n') || 'Nobody but the owner of the server, from whom nothing is ever taken.',
    footer: rangeWords(page, 'entry', 'entries'),
    buttons: pageButtons((at) => `protect:list:${at}`, page, PAGE),
  }
}
