import type { REST } from '@discordjs/rest'
import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  ApplicationCommandOptionType as OptionType,
  Routes,
} from 'discord.js'
import type { Needed } from '#src/core/capability.ts'
import type { Id } from '#src/core/model.ts'
import type { Command, Option } from './command.ts'
import { toFault } from './faults.ts'
import { PERMISSIONS } from './permissions.ts'
import { allNeeded } from './rights.ts'

// The slash commands, and the entries in the menu of a member, as Discord is told of them.

const TYPES: Readonly<Record<Option['type'], OptionType>> = {
  string: OptionType.String,
  user: OptionType.User,
  role: OptionType.Role,
  channel: OptionType.Channel,
  integer: OptionType.Integer,
  boolean: OptionType.Boolean,
}

/** The channels that a bot can post notices in. */
const POSTABLE = [ChannelType.GuildText, ChannelType.GuildAnnouncement]

interface WrittenOption {
  readonly type: OptionType
  readonly name: string
  readonly description: string
  readonly required?: boolean
  readonly choices?: readonly { readonly name: string; readonly value: string }[]
  readonly max_length?: number
  readonly autocomplete?: boolean
  readonly channel_types?: readonly ChannelType[]
  readonly options?: readonly WrittenOption[]
}

export interface WrittenCommand {
  readonly type: ApplicationCommandType
  readonly name: string
  /** An entry in a menu has neither a description nor options. */
  readonly description?: string
  readonly options?: readonly WrittenOption[]
  readonly default_member_permissions: string
  readonly contexts: readonly number[]
  readonly integration_types: readonly number[]
}

/** The command, and its entry in the menu of a member where it has one. */
export function toWritten(command: Command): readonly WrittenCommand[] {
  const entry = command.memberMenu
  if (entry === undefined) return [toSlash(command)]
  return [toSlash(command), { type: ApplicationCommandType.User, name: entry, ...placeOf([command.needs]) }]
}

function toSlash(command: Command): WrittenCommand {
  const subcommands = command.subcommands?.map(({ name, description, options }) => ({
    type: OptionType.Subcommand,
    name,
    description,
    options: options.map(toWrittenOption),
  }))
  return {
    type: ApplicationCommandType.ChatInput,
    name: command.name,
    description: command.description,
    options: subcommands ?? (command.options ?? []).map(toWrittenOption),
    ...placeOf(allNeeded(command)),
  }
}

/**
 * In servers only. Discord knows nothing of capabilities, so that a command is shown at first to those who hold Manage Roles, and to
 * Administrators alone where nobody else could use any of it. A server shows it to further roles in its own settings (Integrations).
 */
function placeOf(needs: readonly Needed[]) {
  const shownTo = needs.every((needed) => needed === 'administrator') ? 'Administrator' : 'ManageRoles'
  return {
    default_member_permissions: PERMISSIONS[shownTo].bit.toString(),
    contexts: [InteractionContextType.Guild],
    integration_types: [ApplicationIntegrationType.GuildInstall],
  }
}

function toWrittenOption({
  type,
  name,
  description,
  required,
  choices,
  maxLength,
  autocomplete,
}: Option): WrittenOption {
  return {
    type: TYPES[type],
    name,
    description,
    ...(required && { required }),
    ...(choices && choices.length > 0 && { choices }),
    ...(maxLength !== undefined && { max_length: maxLength }),
    ...(autocomplete && { autocomplete }),
    ...(type === 'channel' && { channel_types: POSTABLE }),
  }
}

/** Tells Discord of the commands where what it knows differs: it takes 200 new ones a day, and a restart is none. */
export async function registerCommands(
  rest: REST,
  applicationId: Id,
  commands: readonly Command[],
): Promise<'unchanged' | 'written'> {
  const route = Routes.applicationCommands(applicationId)
  const wanted = commands.flatMap(toWritten)
  try {
    const known = await rest.get(route)
    if (fingerprint(known) === fingerprint(wanted)) return 'unchanged'
    await rest.put(route, { body: wanted })
    return 'written'
  } catch (error) {
    throw toFault(error, 'registering the slash commands')
  }
}

/** What matters of a list of commands, in one order, so that Discord's ids, versions and defaults do not make a difference. */
function fingerprint(commands: unknown): string | null {
  if (!Array.isArray(commands)) return null
  const essence = commands.map((command: WrittenCommand) => JSON.stringify(essenceOf(command)))
  return JSON.stringify(essence.sort())
}

const essenceOf = (command: WrittenCommand) => [
  command.type ?? ApplicationCommandType.ChatInput,
  command.name,
  command.description ?? '',
  String(command.default_member_permissions),
  command.contexts ?? [],
  command.integration_types ?? [],
  (command.options ?? []).map(essenceOfOption),
]

function essenceOfOption(option: WrittenOption): unknown {
  const { type, name, description, required, choices, max_length, autocomplete, channel_types, options } = option
  const offered = (choices ?? []).map(({ name: shown, value }) => [shown, value])
  const limits = [required === true, max_length ?? null, autocomplete === true, channel_types ?? []]
  return [type, name, description, ...limits, offered, (options ?? []).map(essenceOfOption)]
}
