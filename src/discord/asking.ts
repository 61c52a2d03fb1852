import {
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type APIMessageComponentInteraction,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  ApplicationCommandOptionType as OptionType,
} from 'discord.js'
import { Refusal } from '#src/core/refusal.ts'
import type { Asked, Command, Option } from './command.ts'

// What a person asked for, read from Discord's JSON. Nothing of an interaction goes past this file but plain values.

export type Answerable = APIChatInputApplicationCommandInteraction | APIMessageComponentInteraction

export type Options = Asked['options']

/** What is asked: a command with its options, or a button of one of its answers. */
export type Request =
  | { readonly kind: 'command'; readonly name: string; readonly subcommand: string | null; readonly given: Given }
  | { readonly kind: 'press'; readonly name: string; readonly rest: string }

type Given = ReadonlyMap<string, unknown>

/** Slash commands and buttons; everything else that Discord may send is not for this bot. */
export function isAnswerable(raw: APIInteraction): raw is Answerable {
  if (raw.type === InteractionType.ApplicationCommand) return raw.data.type === ApplicationCommandType.ChatInput
  return raw.type === InteractionType.MessageComponent && raw.data.component_type === ComponentType.Button
}

export function toRequest(raw: Answerable): Request {
  if (raw.type === InteractionType.MessageComponent) {
    const [name = '', ...rest] = raw.data.custom_id.split(':')
    return { kind: 'press', name, rest: rest.join(':') }
  }
  const first = raw.data.options?.[0]
  const nested = first?.type === OptionType.Subcommand ? first : null
  const options = (nested ? nested.options : raw.data.options) ?? []
  const given = new Map(options.map((option) => [option.name, 'value' in option ? option.value : undefined]))
  return { kind: 'command', name: raw.data.name, subcommand: nested?.name ?? null, given }
}

/** The options as the command declares them. Discord checks them too, but by the registration that it has, which may be an older one. */
export function readOptions(command: Command, subcommand: string | null, given: Given): Options {
  const declared = optionsOf(command, subcommand)
  return Object.fromEntries(declared.map((option) => [option.name, readOption(option, given.get(option.name))]))
}

const OUTDATED =
  'This command has changed since Discord showed it to you. Wait a minute, reload Discord (Ctrl+R), and give it again.'

function optionsOf(command: Command, subcommand: string | null): readonly Option[] {
  if (!command.subcommands) return command.options ?? []
  const sub = command.subcommands.find(({ name }) => name === subcommand)
  if (!sub) throw new Refusal(OUTDATED)
  return sub.options
}

const SOUND: Readonly<Record<Option['type'], (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  user: (value) => typeof value === 'string' && /^\d{1,20}$/.test(value),
  role: (value) => typeof value === 'string' && /^\d{1,20}$/.test(value),
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
}

function readOption(option: Option, value: unknown): string | number | boolean | undefined {
  if (value === undefined && !option.required) return undefined
  if (!SOUND[option.type](value)) throw new Refusal(OUTDATED)
  const offered = option.choices?.some((choice) => choice.value === value) ?? true
  if (!offered)
    throw new Refusal(
      `The option "${option.name}" must be one of: ${option.choices?.map((choice) => choice.value).join(', ')}.`,
    )
  if (typeof value === 'string' && option.maxLength !== undefined && [...value].length > option.maxLength)
    throw new Refusal(`The option "${option.name}" takes at most ${option.maxLength} characters.`)
  return value as string | number | boolean
}
