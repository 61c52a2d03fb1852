import type { REST } from '@discordjs/rest'
import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  ApplicationCommandOptionType as OptionType,
  Routes,
} from 'discord.js'
import type { Id } from '#src/core/model.ts'
import type { Command, Option } from './command.ts'
import { toFault } from './faults.ts'
import { PERMISSIONS } from './permissions.ts'

// The slash commands as Discord is told of them.

const TYPES: Readonly<Record<Option['type'], OptionType>> = {
  string: OptionType.String,
  user: OptionType.User,
  role: OptionType.Role,
  integer: OptionType.Integer,
  boolean: OptionType.Boolean,
}

interface WrittenOption {
  readonly type: OptionType
  readonly name: string
  readonly description: string
  readonly required?: boolean
  readonly choices?: readonly { readonly name: string; readonly value: string }[]
  readonly max_length?: number
  readonly options?: readonly WrittenOption[]
}

export interface WrittenCommand {
  readonly type: ApplicationCommandType
  readonly name: string
  readonly description: string
  readonly options: readonly WrittenOption[]
  readonly default_member_permissions: string
  readonly contexts: readonly number[]
  readonly integration_types: readonly number[]
}

/** In servers only, and shown at first only to those who hold what the command needs. */
export function toWritten(command: Command): WrittenCommand {
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
    default_member_permissions: PERMISSIONS[command.needs].bit.toString(),
    contexts: [InteractionContextType.Guild],
    integration_types: [ApplicationIntegrationType.GuildInstall],
  }
}

function toWrittenOption({ type, name, description, required, choices, maxLength }: Option): WrittenOption {
  return {
    type: TYPES[type],
    name,
    description,
    ...(required && { required }),
    ...(choices && choices.length > 0 && { choices }),
    ...(maxLength !== undefined && { max_length: maxLength }),
  }
}

/** Tells Discord of the commands where what it knows differs: it takes 200 new ones a day, and a restart is none. */
export async function registerCommands(
  rest: REST,
  applicationId: Id,
  commands: readonly Command[],
): Promise<'unchanged' | 'written'> {
  const route = Routes.applicationCommands(applicationId)
  const wanted = commands.map(toWritten)
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
  command.description,
  String(command.default_member_permissions),
  command.contexts ?? [],
  command.integration_types ?? [],
  (command.options ?? []).map(essenceOfOption),
]

function essenceOfOption(option: WrittenOption): unknown {
  const { type, name, description, required, choices, max_length, options } = option
  const offered = (choices ?? []).map(({ name: shown, value }) => [shown, value])
  return [type, name, description, required === true, max_length ?? null, offered, (options ?? []).map(essenceOfOption)]
}
