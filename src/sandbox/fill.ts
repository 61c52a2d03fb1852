import type { CommandRecord, OptionRecord } from './commands.ts'
import type { Guild } from './guild.ts'
import { type Json, toRole, toUser } from './payloads.ts'

const SUBCOMMAND = 1
const GROUP = 2
const STRING = 3
const INTEGER = 4
const BOOLEAN = 5
const USER = 6
const ROLE = 8
const NUMBER = 10

type Values = Readonly<Record<string, string | number | boolean>>

/** The `data` of a command interaction: what a person chose, by the command's own definition, with the people and roles it names. Throws what a client would not let them send. */
export function fillCommand(guild: Guild, command: CommandRecord, path: readonly string[], values: Values): Json {
  const resolved: Resolved = { users: {}, members: {}, roles: {} }
  const options = fillLevel(guild, command.options ?? [], path, values, resolved)
  const named = Object.entries(resolved).filter(([, found]) => Object.keys(found).length > 0)
  return {
    id: command.id,
    name: command.name,
    type: command.type,
    ...(command.guild_id === undefined ? {} : { guild_id: command.guild_id }),
    ...(options.length > 0 ? { options } : {}),
    ...(named.length > 0 ? { resolved: Object.fromEntries(named) } : {}),
  }
}

interface Resolved {
  readonly users: Record<string, Json>
  readonly members: Record<string, Json>
  readonly roles: Record<string, Json>
}

function fillLevel(
  guild: Guild,
  options: readonly OptionRecord[],
  path: readonly string[],
  values: Values,
  resolved: Resolved,
): Json[] {
  const nested = options.filter(({ type }) => type === SUBCOMMAND || type === GROUP)
  if (nested.length === 0) return fillValues(guild, options, values, resolved)
  const [name, ...rest] = path
  const chosen = nested.find((option) => option.name === name)
  if (!chosen)
    throw new Error(
      `There is no subcommand ${name ?? '(none given)'}; there are ${nested.map((option) => option.name).join(', ')}`,
    )
  const inner = fillLevel(guild, chosen.options ?? [], rest, values, resolved)
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
