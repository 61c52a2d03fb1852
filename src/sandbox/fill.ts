import type { CommandRecord, OptionRecord } from './commands.ts'
import type { Guild } from './guild.ts'
import { type Json, toChannel, toRole, toUser } from './payloads.ts'

const SUBCOMMAND = 1
const GROUP = 2
const STRING = 3
const INTEGER = 4
const BOOLEAN = 5
const USER = 6
const CHANNEL = 7
const ROLE = 8
const NUMBER = 10

type Values = Readonly<Record<string, string | number | boolean>>

/** The `data` of a command interaction: what a person chose, by the command's own definition, with the people and roles it names. Throws what a client would not let them send. */
export function fillCommand(guild: Guild, command: CommandRecord, path: readonly string[], values: Values): Json {
  const resolved = nothingYet()
  const options = fillLevel(command.options ?? [], path, (declared) => fillValues(guild, declared, values, resolved))
  return { ...headOf(command, resolved), ...(options.length > 0 ? { options } : {}) }
}

/** The same while somebody types in one option: what is filled in so far, nothing of it required. Throws where Discord asks nobody what to offer. */
export function fillTyping(
  guild: Guild,
  command: CommandRecord,
  path: readonly string[],
  { option, typed, values }: { readonly option: string; readonly typed: string; readonly values: Values },
): Json {
  const resolved = nothingYet()
  const options = fillLevel(command.options ?? [], path, (declared) => {
    const inHand = declared.find(({ name }) => name === option)
    if (!inHand?.autocomplete) throw new Error(`Discord asks nobody what to offer for the option ${option}`)
    const others = declared.filter((other) => other !== inHand).map((other) => ({ ...other, required: false }))
    // What is typed is a text even where a number is wanted.
    const focused = { type: inHand.type, name: option, value: typed, focused: true }
    return [...fillValues(guild, others, values, resolved), focused]
  })
  return { ...headOf(command, resolved), options }
}

/** The `data` where an entry in the menu of a member was chosen. */
export function fillMenu(guild: Guild, command: CommandRecord, targetId: string): Json {
  const resolved = nothingYet()
  resolvePerson(guild, targetId, resolved)
  return { ...headOf(command, resolved), target_id: targetId }
}

function headOf(command: CommandRecord, resolved: Resolved): Json {
  const named = Object.entries(resolved).filter(([, found]) => Object.keys(found).length > 0)
  return {
    id: command.id,
    name: command.name,
    type: command.type,
    ...(command.guild_id === undefined ? {} : { guild_id: command.guild_id }),
    ...(named.length > 0 ? { resolved: Object.fromEntries(named) } : {}),
  }
}

interface Resolved {
  readonly users: Record<string, Json>
  readonly members: Record<string, Json>
  readonly roles: Record<string, Json>
  readonly channels: Record<string, Json>
}

const nothingYet = (): Resolved => ({ users: {}, members: {}, roles: {}, channels: {} })

function fillLevel(
  options: readonly OptionRecord[],
  path: readonly string[],
  fillLeaf: (declared: readonly OptionRecord[]) => Json[],
): Json[] {
  const nested = options.filter(({ type }) => type === SUBCOMMAND || type === GROUP)
  if (nested.length === 0) return fillLeaf(options)
  const [name, ...rest] = path
  const chosen = nested.find((option) => option.name === name)
  if (!chosen)
    throw new Error(
      `There is no subcommand ${name ?? '(none given)'}; there are ${nested.map((option) => option.name).join(', ')}`,
    )
  const inner = fillLevel(chosen.options ?? [], rest, fillLeaf)
  return [{ type: chosen.type, name: chosen.name, options: inner }]
}

function fillValues(guild: Guild, options: readonly OptionRecord[], values: Values, resolved: Resolved): Json[] {
  const unknown = Object.keys(values).find((name) => !options.some((option) => option.name === name))
  if (unknown !== undefined) throw new Error(`The command has no option ${unknown}`)
  const missing = options.find(({ name, required }) => required && values[name] === undefined)
  if (missing) throw new Error(`The option ${missing.name} is required`)
  return options.flatMap((option) => {
    const value = values[option.name]
    return value === undefined ? [] : [fillValue(guild, option, value, resolved)]
  })
}

function fillValue(guild: Guild, option: OptionRecord, value: string | number | boolean, resolved: Resolved): Json {
  const { type, name, choices } = option
  if (choices?.length && !choices.some((choice) => choice.value === value))
    throw new Error(`${value} is not a choice of ${name}`)
  if (!fits(type, value)) throw new Error(`${value} does not fit the option ${name}`)
  if (type === USER) resolvePerson(guild, String(value), resolved)
  if (type === CHANNEL) resolveChannel(guild, String(value), resolved)
  if (type === ROLE) resolved.roles[String(value)] = toRole(guild.role(String(value)))
  return { type, name, value }
}

function fits(type: number, value: string | number | boolean): boolean {
  if (type === BOOLEAN) return typeof value === 'boolean'
  if (type === INTEGER) return Number.isInteger(value)
  if (type === NUMBER) return typeof value === 'number'
  return type >= STRING && typeof value === 'string'
}

/** Somebody who is not in the guild can be named too: then only the account is known. */
function resolvePerson(guild: Guild, id: string, resolved: Resolved): void {
  const member = guild.members.get(id)
  const known = member ??
    guild.departed.get(id) ?? { id, username: `stranger-${id.slice(-4)}`, globalName: null, bot: false }
  resolved.users[id] = toUser(known)
  if (!member) return
  const { user: _user, mute: _mute, deaf: _deaf, ...rest } = guild.toMember(member)
  resolved.members[id] = { ...rest, permissions: guild.permissionsOf(member).toString() }
}

function resolveChannel(guild: Guild, idOrName: string, resolved: Resolved): void {
  const { id, name, type, parent_id } = toChannel(guild.channel(idOrName), guild.id)
  resolved.channels[String(id)] = {
    id,
    name,
    type,
    parent_id,
    permissions: guild.permissionsIn(String(id), guild.bot).toString(),
  }
}
