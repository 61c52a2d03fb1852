import { decide } from '#src/core/decide.ts'
import type { DirectoryNames } from '#src/core/directory.ts'
import type { Finding, Guild, Identity, Invocation, Member, Role, Rule, Settings, Truth } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { makeScope, type Scope } from '#src/core/scope.ts'

// A small guild in which everything is allowed and everything is in order, for a test to change one thing in.

export const NOW = Date.parse('2026-11-22T12:00:00Z')

/** Ids name themselves by their role in the story. */
export const EVERYONE = '1000'
export const PILOTS = '1001'
export const SCOUTS = '1002'
export const CHAT = '1003'
export const BOT_ROLE = '1009'
/** Above the bot's role. */
export const ADMIRALS = '1010'

export const OWNER = '1'
export const BOT = '2'
export const ANN = '3'

function role(id: string, name: string, position: number, managed = false): Role {
  return { id, name, position, managed }
}

export const ROLES: readonly Role[] = [
  role(EVERYONE, '@everyone', 0),
  role(PILOTS, 'Pilots', 1),
  role(SCOUTS, 'Scouts', 2),
  role(CHAT, 'Chat', 3),
  role(BOT_ROLE, 'rolecall', 5, true),
  role(ADMIRALS, 'Admirals', 9),
]

export const GUILD: Guild = {
  id: EVERYONE,
  name: 'Example',
  ownerId: OWNER,
  botUserId: BOT,
  botRoleIds: [BOT_ROLE],
  roles: ROLES,
}

export const NAMES: DirectoryNames = {
  groups: ['Pilots', 'Scouts', 'Admirals'],
  states: ['Member', 'Guest'],
  reservedNames: [],
}

export const BELIEVED: Truth = { suspect: false, why: [] }

export function rule<A extends string>(action: A, layers: Partial<Rule<A>> = {}): Rule<A> {
  return { default: action, byGroup: new Map(), byState: new Map(), ...layers }
}

/** Strips and grants whatever it finds. */
export const SETTINGS: Settings = {
  ...DEFAULT_SETTINGS,
  policy: {
    unknown_guest: rule('strip'),
    linked_no_perm: rule('strip'),
    role_drift: rule('strip'),
    missing_roles: 'grant',
  },
  acknowledged: true,
}

/** May do everything. */
export const INVOCATION: Invocation = {
  trigger: 'cli',
  action: 'strip_kick',
  mayDestroy: true,
  dayAffected: 0,
  dayKicks: 0,
  approved: null,
}

export interface Changes {
  readonly guild?: Partial<Guild>
  readonly names?: Partial<DirectoryNames>
  readonly settings?: Partial<Settings>
  readonly policy?: Partial<Settings['policy']>
  readonly invocation?: Partial<Invocation>
  readonly truth?: Truth
}

export function scopeWith({ guild, names, settings, policy, invocation, truth }: Changes = {}): Scope {
  return makeScope({
    guild: { ...GUILD, ...guild },
    names: { ...NAMES, ...names },
    settings: { ...SETTINGS, ...settings, policy: { ...SETTINGS.policy, ...settings?.policy, ...policy } },
    invocation: { ...INVOCATION, ...invocation },
    truth: truth ?? BELIEVED,
    now: NOW,
  })
}

export function member(roleIds: readonly string[] = [], changes: Partial<Member> = {}): Member {
  return { id: ANN, bot: false, roleIds, ...changes }
}

export function person(groups: readonly string[] = [], changes: Partial<Identity> = {}): Identity {
  return {
    id: '42',
    username: 'ann',
    active: true,
    superuser: false,
    access: true,
    state: null,
    groups,
    discordIds: [ANN],
    ...changes,
  }
}

/** The finding about a member; fails the test where there is none. */
export function findingOf(who: Member, claims: readonly Identity[], scope: Scope): Finding {
  const verdict = decide(who, claims, scope)
  if (verdict.kind === 'quiet') throw new Error(`No finding: ${verdict.category}.`)
  return verdict.finding
}
