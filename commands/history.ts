import type { Asked, Command, CommandWorld, Option, Reply } from '#src/discord/command.ts'
import { noSuchCommand, oldButton } from './given.ts'
import { invocationHistoryReply, invocationsSubcommand, pressedInvocationHistory } from './history-invocations.ts'
import { pressedRoleHistory, ROLE_VIEWS, roleHistoryReply } from './history-roles.ts'
import { pressedSettingsHistory, settingsHistoryReply, settingsSubcommand } from './history-settings.ts'
import { momentOption } from './moment-option.ts'

/** What a button's id has room for. */
const LONGEST_SCOPE = 20

const filters: readonly Option[] = [
  momentOption('since', 'From when on: 2026-01-31, 2026-01-31 18:00 (UTC), or 7d'),
  momentOption('until', 'Up to when'),
  {
    name: 'operation',
    description: 'Only what was added, or only what was removed',
    type: 'string',
    choices: [
      { name: 'added', value: 'added' },
      { name: 'removed', value: 'removed' },
    ],
  },
  {
    name: 'scope',
    description: 'Only roles earned by what begins so: group:, state:Member',
    type: 'string',
    maxLength: LONGEST_SCOPE,
  },
]

const member = (description: string, required = true): Option => ({
  name: 'member',
  description,
  type: 'user',
  required,
})
const role = (description: string, required = false): Option => ({ name: 'role', description, type: 'role', required })

/** `/history`: what the record says of the past. */
export const history: Command = {
  name: 'history',
  description: 'What the record says of the past',
  needs: 'read',
  subcommands: [
    {
      name: 'member',
      description: 'Which governed roles somebody got and lost, when, and by whom',
      changes: 'nothing',
      options: [member('Whose roles'), role('Only this role'), ...filters],
    },
    {
      name: 'role',
      description: 'Who got and lost a role, when, and by whom',
      changes: 'nothing',
      options: [role('Which role', true), member('Only this member', false), ...filters],
    },
    {
      name: 'moderator',
      description: 'Which governed roles somebody gave and took',
      changes: 'nothing',
      options: [member('Who gave or took them'), role('Only this role'), ...filters],
    },
    settingsSubcommand,
    invocationsSubcommand,
  ],
  answer,
  press: ({ guildId }, rest, world) => press(guildId, rest, world),
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  if (asked.subcommand === 'settings') return settingsHistoryReply(asked, world)
  if (asked.subcommand === 'invocations') return invocationHistoryReply(asked, world)
  const view = ROLE_VIEWS.find((name) => name === asked.subcommand)
  if (view === undefined) throw noSuchCommand()
  return roleHistoryReply(asked, view, world)
}

async function press(guildId: Asked['guildId'], rest: string, world: CommandWorld): Promise<Reply> {
  const parts = rest.split(':')
  if (parts[0] === 'settings') return pressedSettingsHistory(guildId, parts.slice(1), world)
  if (parts[0] === 'invocations') return pressedInvocationHistory(guildId, parts.slice(1), world)
  if (!ROLE_VIEWS.some((view) => view === parts[0])) throw oldButton()
  return pressedRoleHistory(guildId, parts, world)
}
