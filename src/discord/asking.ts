import {
  type APIApplicationCommandAutocompleteInteraction,
  type APIApplicationCommandInteractionDataBasicOption,
  type APIApplicationCommandInteractionDataOption,
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type APIMessageComponentInteraction,
  type APIUserApplicationCommandInteraction,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  MessageFlags,
  ApplicationCommandOptionType as OptionType,
} from 'discord.js'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Asked, Command, Option, Typing } from './command.ts'

// What a person asked for, read from Discord's JSON. Nothing of an interaction goes past this file but plain values.

export type Answerable =
  | APIChatInputApplicationCommandInteraction
  | APIUserApplicationCommandInteraction
  | APIMessageComponentInteraction

export type Options = Asked['options']

/** What is asked: a command with its options, an entry in the menu of a member, or a button of an answer or a notice. */
export type Request =
  | { readonly kind: 'command'; readonly name: string; readonly subcommand: string | null; readonly given: Given }
  | { readonly kind: 'menu'; readonly name: string; readonly memberId: Id }
  | { readonly kind: 'press'; readonly name: string; readonly rest: string }

type Given = ReadonlyMap<string, unknown>

const ANSWERED: ReadonlySet<ApplicationCommandType> = new Set([
  ApplicationCommandType.ChatInput,
  ApplicationCommandType.User,
])

/** Slash commands, entries in the menu of a member, and buttons; everything else that Discord may send is not for this bot. */
export function isAnswerable(raw: APIInteraction): raw is Answerable {
  if (raw.type === InteractionType.ApplicationCommand) return ANSWERED.has(raw.data.type)
  return raw.type === InteractionType.MessageComponent && raw.data.component_type === ComponentType.Button
}

/** True for a press that turns the page it stands on. What others see too, such as a notice, stays as it is. */
export const turnsPage = (raw: Answerable): boolean =>
  raw.type === InteractionType.MessageComponent && ((raw.message.flags ?? 0) & MessageFlags.Ephemeral) !== 0

/** Somebody is typing in an option of a slash command. */
export const isTyping = (raw: APIInteraction): raw is APIApplicationCommandAutocompleteInteraction =>
  raw.type === InteractionType.ApplicationCommandAutocomplete

export function toRequest(raw: Answerable): Request {
  if (raw.type === InteractionType.MessageComponent) {
    const [name = '', ...rest] = raw.data.custom_id.split(':')
    return { kind: 'press', name, rest: rest.join(':') }
  }
  if ('target_id' in raw.data) return { kind: 'menu', name: raw.data.name, memberId: raw.data.target_id }
  const { subcommand, filled } = unfold(raw.data.options)
  const given = new Map(filled.map((option) => [option.name, option.value]))
  return { kind: 'command', name: raw.data.name, subcommand, given }
}

/** Null where no option of ours is being typed in. */
export function toTyping(
  command: Command,
  { guild_id: guildId, data }: APIApplicationCommandAutocompleteInteraction,
): Typing | null {
  const { subcommand, filled } = unfold(data.options)
  const declared = declaredOptions(command, subcommand) ?? []
  const inHand = filled.find((option) => 'focused' in option && option.focused === true)
  const ours = declared.find(({ name, autocomplete }) => autocomplete === true && name === inHand?.name)
  if (!ours || !inHand || !guildId) return null
  const sound = filled.filter((option) => option !== inHand && isSound(declared, option))
  const options = Object.fromEntries(sound.map(({ name, value }) => [name, value]))
  return { guildId, subcommand, option: ours.name, typed: String(inHand.value), options }
}

const isSound = (declared: readonly Option[], { name, value }: APIApplicationCommandInteractionDataBasicOption) => {
  const option = declared.find((one) => one.name === name)
  return option !== undefined && SOUND[option.type](value)
}

/** The options that are filled in, past the subcommand that holds them. */
function unfold(options: readonly APIApplicationCommandInteractionDataOption[] = []): {
  readonly subcommand: string | null
  readonly filled: readonly APIApplicationCommandInteractionDataBasicOption[]
} {
  const nested = options.find((option) => option.type === OptionType.Subcommand)
  const filled = (nested ? nested.options : options) ?? []
  return { subcommand: nested?.name ?? null, filled: filled.filter((option) => 'value' in option) }
}

/** The options as the command declares them. Discord checks them too, but by the registration that it has, which may be an older one. */
export function readOptions(command: Command, subcommand: string | null, given: Given): Options {
  const declared = declaredOptions(command, subcommand)
  if (!declared) throw new Refusal(OUTDATED)
  return Object.fromEntries(declared.map((option) => [option.name, readOption(option, given.get(option.name))]))
}

const OUTDATED =
  'This command has changed since Discord showed it to you. Wait a minute, reload Discord (Ctrl+R), and give it again.'

/** Null where there is no such subcommand (any more). */
function declaredOptions({ options, subcommands }: Command, subcommand: string | null): readonly Option[] | null {
  if (!subcommands) return options ?? []
  return subcommands.find(({ name }) => name === subcommand)?.options ?? null
}

const isId = (value: unknown): boolean => typeof value === 'string' && /^\d{1,20}$/.test(value)

const SOUND: Readonly<Record<Option['type'], (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  user: isId,
  role: isId,
  channel: isId,
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
