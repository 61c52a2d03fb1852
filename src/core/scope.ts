import type { DirectoryNames } from './directory.ts'
import { Earnings } from './earnings.ts'
import { type Governed, governedRoles } from './governed.ts'
import {
  ACTIONS,
  type Action,
  type Guild,
  type Id,
  type Invocation,
  type Override,
  type Role,
  type Settings,
  type Truth,
} from './model.ts'
import { type Reach, reachOf } from './reach.ts'

/** Everything that a verdict rests on besides the member and who claims them; made once for a whole run, and never changed. */
export interface Scope {
  readonly guild: Guild
  readonly names: DirectoryNames
  readonly settings: Settings
  readonly invocation: Invocation
  readonly truth: Truth
  readonly now: number
  readonly roles: ReadonlyMap<Id, Role>
  readonly governed: Governed
  readonly earnings: Earnings
  readonly reach: Reach
  /** The most harmful action that this invocation may come to. */
  readonly ceiling: Action
  readonly unattended: boolean
  /** Accounts that count as bots whatever Discord says of them. */
  readonly bots: ReadonlySet<Id>
  /** Those not expired. */
  readonly overrides: ReadonlyMap<Id, Override>
  readonly protectedMembers: ReadonlySet<Id>
  readonly protectedRoles: ReadonlySet<Id>
}

/** `now` is in milliseconds since the epoch: the moment the snapshot was taken in a replay. */
export function makeScope(input: {
  readonly guild: Guild
  readonly names: DirectoryNames
  readonly settings: Settings
  readonly invocation: Invocation
  readonly truth: Truth
  readonly now: number
}): Scope {
  const { guild, names, settings, invocation, now } = input
  const governed = governedOnce(guild, names, settings)
  return {
    ...input,
    roles: new Map(guild.roles.map((role) => [role.id, role])),
    governed,
    earnings: new Earnings(governed),
    reach: reachOf(guild),
    ceiling: ceilingOf(invocation),
    unattended: isUnattended(invocation),
    bots: new Set([...settings.botAccounts, guild.botUserId]),
    overrides: new Map(unexpired(settings.overrides, now).map((override) => [override.memberId, override])),
    protectedMembers: new Set(settings.protectedMembers),
    protectedRoles: new Set(settings.protectedRoles),
  }
}

type OfRoles = Pick<Scope, 'names' | 'settings' | 'governed'> & { readonly guildId: Id }

const lastOfRoles = new WeakMap<readonly Role[], OfRoles>()

/** Live looks come to the same roles, names and settings again and again. None of the three is ever changed in place, so the same objects govern the same. */
function governedOnce(guild: Guild, names: DirectoryNames, settings: Settings): Governed {
  const last = lastOfRoles.get(guild.roles)
  if (last && last.guildId === guild.id && last.names === names && last.settings === settings) return last.governed
  const governed = governedRoles(guild, names, settings)
  lastOfRoles.set(guild.roles, { guildId: guild.id, names, settings, governed })
  return governed
}

/** The less harmful of two. */
export function milder<A extends Action>(a: A, b: A): A {
  return ACTIONS.indexOf(a) <= ACTIONS.indexOf(b) ? a : b
}

/** Nobody is kicked in real time: they have had no chance to link their account. */
function ceilingOf({ trigger, action }: Invocation): Action {
  return trigger === 'realtime' ? milder<Action>(action, 'strip') : action
}

/** Nobody is there to see what happens, so more must have been allowed beforehand. */
export function isUnattended({ trigger }: Pick<Invocation, 'trigger'>): boolean {
  return trigger === 'schedule' || trigger === 'realtime'
}

function unexpired(overrides: readonly Override[], now: number): readonly Override[] {
  return overrides.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
}
