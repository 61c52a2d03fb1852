import type { DirectoryNames } from '#src/core/directory.ts'
import {
  ACTIONS,
  type Action,
  type Guild,
  type Id,
  type Identity,
  type Invocation,
  type Member,
  type Rule,
  type Settings,
  TRIGGERS,
} from '#src/core/model.ts'
import { makeScope, type Scope } from '#src/core/scope.ts'

// Guilds as nobody would set them up: drawn at random, with every oddity that the rules know of.

/** A guild, its people and the bits that its roles have in a roster. */
export interface World {
  readonly members: readonly Member[]
  readonly identities: readonly Identity[]
  readonly scope: Scope
  readonly bits: readonly (Id | undefined)[]
}

const GUILD_ID = '1000'
const NOW = 1_000_000
const ODD_NAMES = ['__proto__', 'constructor', 'toString', '', 'Pilots', 'pilots', 'PILOTS', '😀'.repeat(120), 'ÄÖ']
const SIZES = [0, 1, 2, 5, 9, 31, 32, 33, 63, 64, 65, 96, 97, 257, 300]

/** The next number from 0 up to and not including 1. */
export type Draw = () => number

/** Mulberry32: the same seed draws the same world, so that a failure can be seen again. Drawing through fast-check is ten times slower. */
export function drawFrom(seed: number): Draw {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function drawWorld(g: Draw): World {
  const size = pick(g, SIZES)
  const names = drawNames(g, size)
  const guild = drawGuild(g, size, names)
  const roleIds = guild.roles.map(({ id }) => id)
  const held = [...roleIds, '7777', '8888']
  const members = drawMembers(g, held)
  const identities = drawIdentities(g, names, members)
  const settings = drawSettings(g, names, roleIds, members)
  const withBot = { ...guild, botRoleIds: members.find(({ id }) => id === guild.botUserId)?.roleIds ?? [] }
  const truth = { suspect: chance(g, 0.1), why: [] }
  const scope = makeScope({ guild: withBot, names, settings, invocation: drawInvocation(g), truth, now: NOW })
  return { members, identities, scope, bits: drawBits(g, held, members) }
}

export function pick<T>(g: Draw, from: readonly T[]): T {
  return from[Math.floor(g() * from.length)]!
}

/** A whole number from 0 to `most`. */
function upTo(g: Draw, most: number): number {
  return Math.floor(g() * (most + 1))
}

function chance(g: Draw, share: number): boolean {
  return g() < share
}

function some<T>(g: Draw, from: readonly T[], most: number): readonly T[] {
  if (from.length === 0) return []
  return Array.from({ length: upTo(g, most) }, () => pick(g, from))
}

function drawNames(g: Draw, size: number): DirectoryNames {
  const plain = Array.from({ length: size }, (_, at) => `Role ${at}`)
  const groups = new Set([...plain, ...some(g, ODD_NAMES, 5)])
  const states = new Set(some(g, [...plain.slice(0, 3), ...ODD_NAMES, 'Member', 'Guest'], 4))
  return { groups: [...groups], states: [...states], reservedNames: some(g, ['ROLE 1', ...ODD_NAMES], 2) }
}

function drawGuild(g: Draw, size: number, names: DirectoryNames): Guild {
  const spare = [...names.groups, ...names.states, 'Unrelated'].map((name) => [...name].slice(0, 100).join(''))
  const named = Array.from({ length: size }, (_, at) => (chance(g, 0.1) ? pick(g, spare) : `Role ${at}`))
  const more = some(g, spare, 4)
  const roles = [...named, ...more].map((name, at) => ({
    id: String(2000 + at * 7),
    name,
    position: upTo(g, 5),
    managed: chance(g, 0.05),
  }))
  const everyone = { id: GUILD_ID, name: pick(g, ['@everyone', 'Pilots']), position: 0, managed: false }
  return { id: GUILD_ID, name: 'Awkward', ownerId: '11', botUserId: '12', botRoleIds: [], roles: [everyone, ...roles] }
}

function drawMembers(g: Draw, held: readonly Id[]): readonly Member[] {
  return Array.from({ length: upTo(g, 25) }, (_, at) => ({
    id: String(at < 20 ? 10 + at : 10n ** 18n + BigInt(at)),
    bot: chance(g, 0.1),
    roleIds: [...new Set(some(g, held, pick(g, [0, 1, 3, 8])))],
  }))
}

/** Most are drawn from few combinations, and most hold what they have earned: see `alignMost`. */
function drawIdentities(g: Draw, names: DirectoryNames, members: readonly Member[]): readonly Identity[] {
  const ids = [...members.map(({ id }) => id), '999']
  return Array.from({ length: upTo(g, 30) }, (_, at) => ({
    id: String(at + 1),
    username: `person ${at}`,
    active: chance(g, 0.9),
    superuser: chance(g, 0.1),
    access: chance(g, 0.8),
    state: chance(g, 0.2) || names.states.length === 0 ? null : pick(g, names.states),
    groups: some(g, names.groups, pick(g, [0, 1, 4])),
    discordIds: some(g, ids, 3),
  }))
}

function drawSettings(g: Draw, names: DirectoryNames, roleIds: readonly Id[], members: readonly Member[]): Settings {
  const ids = members.map(({ id }) => id)
  const mapFor = (list: readonly string[]) => {
    return new Map(some(g, list, 2).map((name) => [name, some(g, [...roleIds, '6666'], 3)]))
  }
  return {
    policy: {
      unknown_guest: drawRule<Action>(g, names, ACTIONS),
      linked_no_perm: drawRule<Action>(g, names, ACTIONS),
      role_drift: drawRule<'report' | 'strip'>(g, names, ['report', 'strip']),
      missing_roles: pick(g, ['report', 'grant']),
    },
    roleMap: { groups: mapFor(names.groups), states: mapFor(names.states) },
    roleExceptions: some(g, [...roleIds, 'Role 2', 'Pilots'], 2),
    protectedMembers: some(g, ids, 2),
    protectedRoles: some(g, [...roleIds, '7777'], 1),
    botAccounts: some(g, [...ids, '555'], 1),
    overrides: drawOverrides(g, ids),
    acknowledged: chance(g, 0.8),
    armed: { schedule: chance(g, 0.5), realtime: chance(g, 0.5) },
    blast: { run: 0.1, day: 0.25, kicks: 0.02 },
    truth: { maxDrop: 0.1, maxGroupDrop: 0.5 },
  }
}

function drawOverrides(g: Draw, ids: readonly Id[]): Settings['overrides'] {
  return [...new Set(some(g, ids, 4))].map((memberId) => ({
    memberId,
    action: pick(g, ACTIONS),
    expiresAt: pick(g, [null, NOW - 1, NOW, NOW + 1]),
    reason: '',
  }))
}

function drawRule<A extends Action>(g: Draw, names: DirectoryNames, actions: readonly A[]): Rule<A> {
  const layer = (list: readonly string[]) => new Map(some(g, list, 3).map((name) => [name, pick(g, actions)]))
  return { default: pick(g, actions), byGroup: layer(names.groups), byState: layer(names.states) }
}

function drawInvocation(g: Draw): Invocation {
  return {
    trigger: pick(g, TRIGGERS),
    action: pick(g, ACTIONS),
    mayDestroy: chance(g, 0.8),
    dayAffected: 0,
    dayKicks: 0,
    approved: null,
  }
}

/** Roles that nobody holds may have no bit, some bits are free, and their order is anybody's guess. */
function drawBits(g: Draw, roleIds: readonly Id[], members: readonly Member[]): readonly (Id | undefined)[] {
  const needed = new Set(members.flatMap((member) => member.roleIds))
  const kept = roleIds.filter((id) => needed.has(id) || chance(g, 0.9))
  const turned = upTo(g, kept.length)
  const ordered = [...kept.slice(turned), ...kept.slice(0, turned)]
  return ordered.flatMap((id) => (chance(g, 0.05) ? [undefined, id] : [id]))
}

/** Most members of a real guild are in order; drawn at random nearly nobody would be. */
export function alignMost(g: Draw, world: World): World {
  const byMember = new Map(world.identities.flatMap((person) => person.discordIds.map((id) => [id, person] as const)))
  const members = world.members.map((member) => {
    const person = byMember.get(member.id)
    if (person === undefined || chance(g, 0.3)) return member
    const governed = world.scope.governed.roleIds
    const free = member.roleIds.filter((id) => !governed.has(id))
    return { ...member, roleIds: [...free, ...world.scope.earnings.of(person).sorted] }
  })
  const known = new Set(world.bits)
  const unheard = new Set(members.flatMap(({ roleIds }) => roleIds).filter((id) => !known.has(id)))
  return { ...world, members, bits: [...world.bits, ...unheard] }
}
