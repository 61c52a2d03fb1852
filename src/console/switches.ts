import { Refusal } from '#src/core/refusal.ts'
import type { Option } from '#src/discord/command.ts'
import { shown } from '#src/identity/words.ts'
import { type Kind, readId, readRun } from './ids.ts'

// The options of a slash command as they are typed at a console. Discord's own clients check them too; here it is done before the bot is asked.

const KINDS: Readonly<Partial<Record<Option['type'], Kind>>> = { user: 'member', role: 'role', channel: 'channel' }

/** What is named by its id in this option; null where nothing is. */
export const kindOf = ({ type }: Option): Kind | null => KINDS[type] ?? null

export const isRun = ({ type, name }: Option): boolean => type === 'string' && name === 'run'

export const flagOf = ({ name }: Pick<Option, 'name'>): string => `--${name.replaceAll('_', '-')}`

/** What stands for the value in a help text. */
export function valueName(option: Option): string {
  const kind = kindOf(option)
  if (kind !== null) return `${kind}-id`
  if (isRun(option)) return 'run-id|last'
  if (option.choices) return isPlain(option.choices) ? option.choices.map(({ value }) => value).join('|') : 'word'
  return OTHERS[option.type]
}

const OTHERS: Readonly<Record<Option['type'], string>> = {
  ...{ user: 'id', role: 'id', channel: 'id' },
  boolean: 'true|false',
  integer: 'number',
  string: 'text',
}

type Choices = NonNullable<Option['choices']>

/** Words that say themselves what they mean. */
const isPlain = (choices: Choices): boolean => choices.every(({ name, value }) => name === value)

/** Discord's descriptions begin with a capital, the console's do not. */
export const asHelp = (description: string): string =>
  description.replace(/^\p{Lu}(?=\p{Ll})/u, (first) => first.toLowerCase())

/** What an option is for, with a line for each word that it takes. */
export function helpOf({ description, choices = [] }: Option): string {
  const words = isPlain(choices) ? [] : choices.map(meaningOf)
  return [asHelp(description), ...words].join('\n')
}

const meaningOf = ({ name, value }: Choices[number]): string =>
  name.startsWith(`${value}: `) ? name : `${value}: ${name}`

/** How much of what was typed is repeated. */
const SHOWN = 60

/** The value that was typed, as the command takes it. Throws `Refusal` with a sentence that names the option. */
export function readValue(option: Option, typed: string): string | number | boolean {
  const flag = flagOf(option)
  const kind = kindOf(option)
  if (kind !== null) return readId(flag, kind, typed)
  if (isRun(option)) return readRun(flag, typed)
  if (option.type === 'integer') return readNumber(flag, typed)
  if (option.type === 'boolean') return readBoolean(flag, typed)
  return option.choices ? readChoice(flag, option.choices, typed) : readText(flag, typed, option.maxLength)
}

function readNumber(flag: string, typed: string): number {
  if (/^-?\d{1,15}$/.test(typed)) return Number(typed)
  throw new Refusal(`${flag} ${shown(typed, SHOWN)} is not a whole number. Type digits alone, such as ${flag} 7.`)
}

function readBoolean(flag: string, typed: string): boolean {
  // Discord writes True, and so do those who have read it there.
  const word = typed.trim().toLowerCase()
  if (word === 'true' || word === 'false') return word === 'true'
  throw new Refusal(`${flag} ${shown(typed, SHOWN)} is neither true nor false. Type one of the two.`)
}

function readChoice(flag: string, choices: Choices, typed: string): string {
  const words = choices.map(({ value }) => value)
  if (words.includes(typed)) return typed
  throw new Refusal(`${flag} ${shown(typed, SHOWN)} is none of: ${words.join(', ')}. Type one of these.`)
}

function readText(flag: string, typed: string, most = Number.POSITIVE_INFINITY): string {
  const { length } = [...typed]
  if (length <= most) return typed
  throw new Refusal(`${flag} may have at most ${most} characters, and what you typed has ${length}. Make it shorter.`)
}
