import type { CommandRecord, OptionRecord } from '#src/sandbox/commands.ts'
import type { Id } from '#src/sandbox/snowflake.ts'
import { DemoFault } from './fault.ts'

// A slash command as a person types it: `/audit run action:strip`, with names where Discord's own clients would put ids.

export interface Typing {
  command(name: string): CommandRecord | undefined
  memberId(name: string): Id
  roleId(name: string): Id
  channelId(name: string): Id
}

export interface Typed {
  readonly command: string
  readonly options: Readonly<Record<string, string | number | boolean>>
}

const SUBCOMMAND = 1
const INTEGER = 4
const BOOLEAN = 5
const USER = 6
const CHANNEL = 7
const ROLE = 8

/** Reads what was typed by the command's own definition. Throws `DemoFault` with what to type instead. */
export function readTyped(text: string, typing: Typing): Typed {
  const [name = '', ...words] = text.trim().replace(/^\//, '').split(/\s+/)
  const found = typing.command(name)
  if (!found) throw new DemoFault(`There is no command /${name}. Type help to see what there is.`)
  const sub = (found.options ?? []).filter(({ type }) => type === SUBCOMMAND)
  const chosen = sub.find((option) => option.name === words[0])
  if (sub.length > 0 && !chosen)
    throw new DemoFault(`/${name} wants one of: ${sub.map((option) => option.name).join(', ')}.`)
  const rest = (chosen ? words.slice(1) : words).join(' ')
  const options = readOptions(rest, (chosen ?? found).options ?? [], typing)
  return { command: chosen ? `${name} ${chosen.name}` : name, options }
}

function readOptions(rest: string, known: readonly OptionRecord[], typing: Typing): Typed['options'] {
  const names = known.map(({ name }) => name)
  const [before = '', ...pairs] = names.length === 0 ? [rest] : rest.split(new RegExp(`(?:^|\\s)(${names.join('|')}):`))
  if (before.trim() !== '')
    throw new DemoFault(
      `"${before.trim()}" is not understood here. ${names.length === 0 ? 'This command takes nothing more.' : `It takes ${names.map((name) => `${name}:…`).join(', ')}.`}`,
    )
  const given = new Map(pairs.flatMap((name, at) => (at % 2 === 0 ? [[name, pairs[at + 1]!.trim()] as const] : [])))
  const named = known.filter(({ name }) => given.get(name))
  return Object.fromEntries(named.map((option) => [option.name, readValue(option, given.get(option.name)!, typing)]))
}

function readValue({ type }: OptionRecord, value: string, typing: Typing): string | number | boolean {
  if (type === USER) return typing.memberId(value)
  if (type === ROLE) return typing.roleId(value)
  if (type === CHANNEL) return typing.channelId(value)
  if (type === INTEGER) return Number(value)
  if (type === BOOLEAN) return value === 'true'
  return value
}
