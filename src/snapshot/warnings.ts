import type { DirectoryNames } from '#src/core/directory.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { compareIds } from '#src/core/order.ts'
import { pathText, quoted } from './fault.ts'
import type { Snapshot } from './snapshot.ts'

/** What a snapshot names and nobody has: without effect, but somebody may have mistyped it. One sentence each, with its path. */
export function warningsOf(snapshot: Snapshot): readonly string[] {
  const { identity, settings, baseline } = snapshot
  const stray = strayNames({ names: identity.names, settings, baseline })
  return [...strayRoleMap(snapshot), ...stray, ...strayHeldRoles(snapshot)]
}

/** What settings name of groups and states, beside those that the source has. */
interface Named extends Pick<Snapshot, 'settings' | 'baseline'> {
  readonly names: DirectoryNames
}

/** Groups and states that the settings name and the source lacks, as far as these settings are concerned: they may come yet. */
export const unknownNames = (settings: Settings, names: DirectoryNames): readonly string[] => [
  ...strayNames({ settings, names, baseline: null }),
]

/** Role ids that settings name and the guild lacks: whoever protects a role that is not there protects nobody. */
export function unknownRoles(
  { protectedRoles, roleExceptions, roleMap }: Settings,
  roleIds: ReadonlySet<Id>,
): readonly string[] {
  // An exception is an id or a name; a name that nobody bears yet may come.
  const exceptions = roleExceptions.map((one) => (ROLE_ID.test(one) ? one : null))
  const named = [
    [['settings', 'protectedRoles'], protectedRoles],
    [['settings', 'roleExceptions'], exceptions],
    ...[...roleMap.groups].map(([name, ids]) => [['settings', 'roleMap', 'groups', name], ids] as const),
    ...[...roleMap.states].map(([name, ids]) => [['settings', 'roleMap', 'states', name], ids] as const),
  ] as readonly (readonly [path: readonly string[], ids: readonly (Id | null)[]])[]
  return named.flatMap(([path, ids]) =>
    ids.flatMap((id, at) =>
      id === null || roleIds.has(id)
        ? []
        : `${pathText([...path, at])}: the server has no role ${id}; without effect until there is one.`,
    ),
  )
}

/** What is shorter may as well be a name. */
const ROLE_ID = /^\d{17,20}$/

function* strayRoleMap({ guild, settings: { roleMap } }: Snapshot): Generator<string> {
  const known = new Set(guild.roles.map(({ id }) => id))
  for (const kind of ['groups', 'states'] as const) {
    for (const [name, ids] of roleMap[kind]) {
      for (const [at, id] of ids.entries()) {
        if (!known.has(id))
          yield `${pathText(['settings', 'roleMap', kind, name, at])}: the guild has no role ${id}; ignored.`
      }
    }
  }
}

type Mentions = readonly (readonly [path: readonly string[], names: ReadonlyMap<string, unknown>])[]

function* strayNames(named: Named): Generator<string> {
  const { groups, states } = named.names
  yield* strangers('group', groups, mentions(named, 'groups'))
  yield* strangers('state', states, mentions(named, 'states'))
}

function mentions({ settings: { roleMap, policy }, baseline }: Named, kind: 'groups' | 'states'): Mentions {
  const [layer, key, counts] =
    kind === 'groups' ? (['byGroup', 'by_group', 'perGroup'] as const) : (['byState', 'by_state', 'perState'] as const)
  const rules = (['unknown_guest', 'linked_no_perm', 'role_drift'] as const).map(
    (category) => [['settings', 'policy', category, key], policy[category][layer]] as const,
  )
  return [
    [['settings', 'roleMap', kind], roleMap[kind]],
    ...rules,
    [['baseline', counts], baseline?.[counts] ?? new Map()],
  ]
}

function* strangers(what: string, list: readonly string[], named: Mentions): Generator<string> {
  const known = new Set(list)
  for (const [path, names] of named) {
    const consequence = path[0] === 'baseline' ? 'it counts as nobody' : 'without effect until there is one'
    for (const name of names.keys()) {
      if (!known.has(name))
        yield `${pathText(path)}: the identity source has no ${what} ${quoted(name)}; ${consequence}.`
    }
  }
}

/** One sentence a role, not one a member: a deleted role may have been held by thousands. */
function* strayHeldRoles({ guild, members }: Snapshot): Generator<string> {
  const known = new Set(guild.roles.map(({ id }) => id))
  const stray = new Map<Id, { first: number; holders: number }>()
  for (const [at, { roleIds }] of members.entries()) {
    for (const id of new Set(roleIds)) {
      if (known.has(id)) continue
      const seen = stray.get(id)
      if (seen) seen.holders++
      else stray.set(id, { first: at, holders: 1 })
    }
  }
  for (const [id, { first, holders }] of [...stray].sort(([a], [b]) => compareIds(a, b))) {
    const others = holders > 1 ? ` (and ${holders - 1} more)` : ''
    yield `guild.members[${first}].roles${others}: the guild has no role ${id}; ignored.`
  }
}
