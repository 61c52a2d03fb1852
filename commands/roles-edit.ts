import type { Id, Settings } from '#src/core/model.ts'
import { compareIds } from '#src/core/order.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Asked, CommandWorld } from '#src/discord/command.ts'
import { mustBeRole, mustBeWord, textIn } from './given.ts'
import { KINDS, type Kind, nameNote } from './known-names.ts'
import { roleNote } from './there-words.ts'
import type { Edit } from './weigh.ts'
import { roleList, typedText } from './wording.ts'

// Which roles are governed, as it is asked to be. Whoever makes a role governed puts all its holders to the test, so each edit is weighed.

/** The options of `/roles map` that name roles. Discord has no option that takes several. */
export const ROLE_OPTIONS = ['role', 'role2', 'role3', 'role4', 'role5'] as const

/** A guild has at most 250 roles; names may come from several servers' times. */
const MOST_MAPPED = 1_000
const MOST_EXCEPTIONS = 250

export async function mapEdit(asked: Asked, world: CommandWorld): Promise<Edit> {
  const { kind, name } = nameIn(asked)
  const roleIds = rolesIn(asked)
  const notes = [
    await nameNote(asked.guildId, kind, name, world),
    await roleNote(asked.guildId, roleIds, '/roles unmap', world),
  ]
  const earned = roleIds.length > 0 ? roleList(roleIds) : 'no role at all'
  return {
    command: 'roles',
    says: `The ${kind} ${typedText(name)} earns ${earned}, whatever roles bear its name.`,
    notes: notes.filter((note) => note !== null),
    change: (settings) => mapped(settings, kind, name, roleIds),
  }
}

export function unmapEdit(asked: Asked): Edit {
  const { kind, name } = nameIn(asked)
  return {
    command: 'roles',
    says: `The ${kind} ${typedText(name)} has no entry in the role map: it earns the roles that bear its name, if there are any.`,
    notes: [],
    change: (settings) => unmapped(settings, kind, name),
  }
}

export async function exceptEdit(asked: Asked, world: CommandWorld): Promise<Edit> {
  const roleId = mustBeRole(asked)
  if (asked.options.lift === true)
    return {
      command: 'roles',
      says: `${roleList([roleId])} is no exception any more: where a group or state leads to it, the identity database decides who holds it.`,
      notes: ['An exception by the name of a role stays; `/roles list` shows it.'],
      change: ({ roleExceptions }) =>
        roleExceptions.includes(roleId) ? { roleExceptions: roleExceptions.filter((known) => known !== roleId) } : {},
    }
  const note = await roleNote(asked.guildId, [roleId], '/roles except', world)
  return {
    command: 'roles',
    says: `${roleList([roleId])} is an exception: the identity database does not decide who holds it, and the bot leaves it alone.`,
    notes: note === null ? [] : [note],
    change: (settings) => excepted(settings, roleId),
  }
}

function nameIn(asked: Asked): { readonly kind: Kind; readonly name: string } {
  const kind = mustBeWord(asked, 'kind', KINDS)
  const name = textIn(asked, 'name')
  if (name === null) throw new Refusal(`Name the ${kind}. Nothing was changed.`)
  return { kind, name }
}

/** Sorted, each once. None must be said aloud: it is otherwise more likely a slip. */
function rolesIn(asked: Asked): readonly Id[] {
  const named = ROLE_OPTIONS.filter((option) => asked.options[option] !== undefined)
  const roleIds = [...new Set(named.map((option) => mustBeRole(asked, option)))].sort(compareIds)
  const none = asked.options.none === true
  if (none && roleIds.length > 0)
    throw new Refusal('Either name roles or say `none:True`, not both. Nothing was changed.')
  if (!none && roleIds.length === 0)
    throw new Refusal(
      'Name at least one role, or say `none:True` if this shall earn no role at all. Nothing was changed.',
    )
  return roleIds
}

const layerOf = ({ roleMap }: Settings, kind: Kind): ReadonlyMap<string, readonly Id[]> =>
  kind === 'group' ? roleMap.groups : roleMap.states

const withLayer = (
  { roleMap }: Settings,
  kind: Kind,
  layer: ReadonlyMap<string, readonly Id[]>,
): Partial<Settings> => ({
  roleMap: kind === 'group' ? { ...roleMap, groups: layer } : { ...roleMap, states: layer },
})

function mapped(settings: Settings, kind: Kind, name: string, roleIds: readonly Id[]): Partial<Settings> {
  const layer = layerOf(settings, kind)
  const before = layer.get(name)
  if (before !== undefined && before.length === roleIds.length && roleIds.every((id) => before.includes(id))) return {}
  if (before === undefined && layer.size >= MOST_MAPPED)
    throw new Refusal(
      `The role map has ${MOST_MAPPED} entries of this kind already, which is the most. Take some out with \`/roles unmap\`. Nothing was changed.`,
    )
  return withLayer(settings, kind, new Map([...layer, [name, roleIds]]))
}

function unmapped(settings: Settings, kind: Kind, name: string): Partial<Settings> {
  const layer = layerOf(settings, kind)
  if (!layer.has(name)) return {}
  return withLayer(settings, kind, new Map([...layer].filter(([known]) => known !== name)))
}

function excepted({ roleExceptions }: Settings, roleId: Id): Partial<Settings> {
  if (roleExceptions.includes(roleId)) return {}
  if (roleExceptions.length >= MOST_EXCEPTIONS)
    throw new Refusal(
      `${MOST_EXCEPTIONS} roles are exceptions already, which is the most. Lift some first. Nothing was changed.`,
    )
  return { roleExceptions: [...roleExceptions, roleId] }
}
