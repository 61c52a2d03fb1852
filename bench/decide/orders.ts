import type { DirectoryNames } from '#src/core/directory.ts'
import type { Identity, Invocation, Settings } from '#src/core/model.ts'
import { DEFAULT_INVOCATION, DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { makeScope, type Scope } from '#src/core/scope.ts'
import type { Roster } from '#src/roster/roster.ts'
import type { Town } from '../guild/town.ts'

// What the rows that decide are asked: a policy that acts, so that the findings are those of a bot at work.

export const INVOCATION: Invocation = {
  ...DEFAULT_INVOCATION,
  trigger: 'slash',
  action: 'strip',
  mayDestroy: true,
}

export function settingsOf(town: Town): Settings {
  const byState = new Map([[town.states[3]!, 'report' as const]])
  const byGroup = new Map([[town.groups[0]!, 'report' as const]])
  return {
    ...DEFAULT_SETTINGS,
    policy: {
      unknown_guest: { default: 'strip_kick', byGroup: new Map(), byState: new Map() },
      linked_no_perm: { default: 'strip', byGroup, byState },
      role_drift: { default: 'strip', byGroup, byState },
      missing_roles: 'grant',
    },
    protectedMembers: [town.idAt(17)],
    acknowledged: true,
  }
}

export function namesOf(town: Town): DirectoryNames {
  return { groups: town.groups, states: town.states, reservedNames: [] }
}

export function identitiesOf(town: Town): readonly Identity[] {
  const identities: Identity[] = []
  for (const { identity } of town.people()) if (identity !== null) identities.push(identity)
  return identities
}

export function scopeOf(town: Town, roster: Roster): Scope {
  const guild = roster.guild()
  if (guild === null) throw new Error('our roster knows no guild')
  return makeScope({
    guild,
    names: namesOf(town),
    settings: settingsOf(town),
    invocation: INVOCATION,
    truth: { suspect: false, why: [] },
    now: 0,
  })
}
