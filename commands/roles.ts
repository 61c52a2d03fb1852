import { Refusal } from '#src/core/refusal.ts'
import {
  type Asked,
  byOf,
  type Command,
  type CommandWorld,
  type Offer,
  type Option,
  type Reply,
  type Typing,
} from '#src/discord/command.ts'
import { idIn, mustBeOffset, noSuchCommand } from './given.ts'
import { KINDS, nameOption, namesOffered } from './known-names.ts'
import { reasonOption } from './reason-option.ts'
import { exceptEdit, mapEdit, ROLE_OPTIONS, unmapEdit } from './roles-edit.ts'
import { rolesPage } from './roles-list.ts'
import { answerTo, weigh } from './weigh.ts'
import { roleOrKicks } from './wording.ts'

const kindOption: Option = {
  name: 'kind',
  description: 'What earns the roles',
  type: 'string',
  required: true,
  choices: KINDS.map((value) => ({ name: value, value })),
}

/** `/roles`: which roles the identity database decides, and by which names. */
export const roles: Command = {
  name: 'roles',
  description: 'Which roles the identity database decides',
  needs: 'roles',
  subcommands: [
    {
      name: 'map',
      description: 'Say which roles a group or state earns, whatever roles bear its name',
      changes: 'on confirm',
      options: [
        kindOption,
        nameOption('name', 'The group or state, as the identity database calls it', true),
        ...ROLE_OPTIONS.map(
          (name, at): Option => ({
            name,
            description: at === 0 ? 'The role that it earns' : 'And this one',
            type: 'role',
          }),
        ),
        { name: 'none', description: 'It earns no role at all', type: 'boolean' },
        reasonOption,
      ],
    },
    {
      name: 'unmap',
      description: 'Let a group or state earn the roles that bear its name again',
      changes: 'on confirm',
      options: [kindOption, nameOption('name', 'The group or state', true), reasonOption],
    },
    {
      name: 'except',
      description: 'Leave a role alone whatever its name is, or lift that',
      changes: 'on confirm',
      options: [
        { name: 'role', description: 'Which role', type: 'role', required: true },
        { name: 'lift', description: 'True: it is an exception no longer', type: 'boolean' },
        reasonOption,
      ],
    },
    {
      name: 'list',
      description: 'Every such role, what earns it, and what is odd about it',
      changes: 'nothing',
      options: [],
    },
    {
      name: 'release',
      description: 'Try a role again that Discord refused to let the bot touch',
      options: [
        { name: 'role', description: 'Which role', type: 'role' },
        { name: 'kicks', description: 'True: try kicks again', type: 'boolean' },
        reasonOption,
      ],
    },
  ],
  answer,
  press: (asked, rest, world) => press(asked, rest, world),
  complete,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'map':
      return weigh(asked, await mapEdit(asked, world), world)
    case 'unmap':
      return weigh(asked, unmapEdit(asked), world)
    case 'except':
      return weigh(asked, await exceptEdit(asked, world), world)
    case 'list':
      return rolesPage(asked, 0, world)
    case 'release':
      return release(asked, world)
    default:
      throw noSuchCommand()
  }
}

async function press(asked: Asked, rest: string, world: CommandWorld): Promise<Reply> {
  const [what, offset] = rest.split(':')
  return what === 'list' ? rolesPage(asked, mustBeOffset(offset), world) : answerTo(asked, rest, world)
}

async function release(asked: Asked, world: CommandWorld): Promise<Reply> {
  const roleId = idIn(asked, 'role')
  const wanted = [...(roleId === null ? [] : [roleId]), ...(asked.options.kicks === true ? (['kick'] as const) : [])]
  if (wanted.length === 0)
    throw new Refusal(
      'Say which role shall be tried again, or `kicks:True`. `/roles list` shows what is left alone. Nothing was changed.',
    )
  const released = await world.release(asked.guildId, wanted, byOf(asked))
  if (released.length === 0)
    return {
      tone: 'warn',
      title: 'Was not left alone',
      text: `${wanted.map(roleOrKicks).join(' and ')}: Discord has refused nothing here that the bot remembers. Nothing was changed.`,
    }
  return {
    tone: 'good',
    title: 'Tried again from now on',
    text: `${released.map(roleOrKicks).join(' and ')}: the next run or live act tries again. If Discord refuses once more, it is left alone again and the notices say so.`,
  }
}

/** Names that the source knows, and those that the map has though the source no longer knows them. */
async function complete(typing: Typing, world: CommandWorld): Promise<readonly Offer[]> {
  if (typing.option !== 'name') return []
  const { roleMap } = await world.settings(typing.guildId)
  // Whoever has not said which yet means a group more often.
  const kind = typing.options.kind === 'state' ? 'state' : 'group'
  return namesOffered(typing, kind, (kind === 'group' ? roleMap.groups : roleMap.states).keys(), world)
}
