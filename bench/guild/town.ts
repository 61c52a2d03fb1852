import type { Id, Identity, Role } from '#src/core/model.ts'
import { snowflakeAt } from '#src/sandbox/snowflake.ts'
import { chances } from './chances.ts'

// The guild of every row: 256 roles, people with about six each, one in a hundred of them out of order. The same seed makes the same guild.

/** Besides @everyone; one of them is the bot's own. */
export const ROLES = 256
export const GUILD_ID = '900000000000000000'
/** Governed roles that are earned by a state; the others are earned by a group. */
const STATES = 4
/** A role every few days, as guilds really come by them: their ids differ from the third digit on. */
const FIRST_ROLE = Date.UTC(2018, 5, 1)
const ROLE_STEP_MS = 713_003_017
const FIRST_ACCOUNT = Date.UTC(2017, 0, 1)
/** Accounts are opened irregularly; what matters is that ids differ in more than their last digits. */
const ACCOUNT_STEP_MS = 97_003
const JOINED = Date.UTC(2024, 0, 1)

/** How a person stands: what is wrong with them, if anything. */
type Fate = 'in order' | 'one role more' | 'one role less' | 'unknown' | 'without access'

/** One in a hundred is out of order, nearly all of them by drift: up to which draw each way in which somebody can be reaches. */
const FATES: readonly (readonly [number, Fate])[] = [
  [0.007, 'one role more'],
  [0.0095, 'one role less'],
  [0.0098, 'unknown'],
  [0.01, 'without access'],
  [1, 'in order'],
]
const BOTS = 0.0005
/** How likely somebody is of each state. */
const OF_STATE = [0.8, 0.9, 0.97, 1]

export interface Person {
  readonly id: Id
  readonly username: string
  /** Most people have one, and a picture. */
  readonly displayName: string | null
  /** The hash that Discord has for a picture. */
  readonly avatar: string | null
  readonly nick: string | null
  readonly bot: boolean
  readonly joinedAt: number
  readonly roles: readonly Id[]
  /** Null for the few who have none, and for bots. */
  readonly identity: Identity | null
}

/** How many roles the identity database decides. With all of them people hold no others; with fewer, also roles that they chose. */
export interface TownPlan {
  readonly members: number
  readonly seed: number
  readonly governed: number
  /** Nobody is out of order. */
  readonly sound?: boolean
}

/** People are computed when asked for and not kept. */
export class Town {
  readonly size: number
  readonly roles: readonly Role[]
  readonly botRole: Role
  readonly governedRoleIds: readonly Id[]
  readonly groups: readonly string[]
  readonly states: readonly string[]
  readonly #seed: number
  readonly #organisations: number
  readonly #freeRoles: readonly Role[]
  readonly #sound: boolean

  constructor({ members, seed, governed, sound = false }: TownPlan) {
    this.size = members
    this.#seed = seed
    this.#sound = sound
    const names = Array.from({ length: ROLES - 1 }, (_, at) => nameOf(at, governed))
    const ranked = names.map((name, at) => ({ id: roleId(at), name, position: at + 1, managed: false }))
    this.botRole = { id: roleId(ROLES), name: 'rolecall', position: ROLES, managed: true }
    this.roles = [{ id: GUILD_ID, name: '@everyone', position: 0, managed: false }, ...ranked, this.botRole]
    this.governedRoleIds = ranked.slice(0, governed).map(({ id }) => id)
    this.states = names.slice(0, STATES)
    this.groups = names.slice(STATES, governed)
    this.#organisations = Math.floor(this.groups.length * 0.47)
    this.#freeRoles = ranked.slice(governed)
  }

  get botUserId(): Id {
    return this.idAt(0)
  }

  get ownerId(): Id {
    return this.idAt(1)
  }

  idAt(index: number): Id {
    return snowflakeAt(FIRST_ACCOUNT + index * ACCOUNT_STEP_MS, (this.#seed + index * 7) & 0xfff)
  }

  /** -1 where the id is nobody's. */
  indexOf(id: Id): number {
    const index = Math.round(msBetween(snowflakeAt(FIRST_ACCOUNT), id) / ACCOUNT_STEP_MS)
    return index >= 0 && index < this.size && this.idAt(index) === id ? index : -1
  }

  /** The first is the bot itself, the second the owner. */
  personAt(index: number): Person {
    const chance = chances(this.#seed * 1_000_003 + index)
    const id = this.idAt(index)
    const bot = index === 0 || chance() < BOTS
    const fate = fateOf(index < 2 || this.#sound ? 1 : chance())
    const identity = bot ? null : this.#identityAt(index, id, fate !== 'without access', chance)
    return {
      id,
      username: `somebody.${(index * 2_654_435_761) >>> 0}`,
      displayName: chance() < 0.7 ? `Somebody ${index}` : null,
      avatar: chance() < 0.7 ? hashOf(chance) : null,
      nick: chance() < 0.2 ? `Nick ${index}` : null,
      bot,
      joinedAt: JOINED + index * 1000,
      roles: index === 0 ? [this.botRole.id] : this.#held(identity, fate, chance),
      identity: fate === 'unknown' ? null : identity,
    }
  }

  *people(): Generator<Person> {
    for (let index = 0; index < this.size; index++) yield this.personAt(index)
  }

  #identityAt(index: number, id: Id, active: boolean, chance: () => number): Identity {
    const drawn = chance()
    return {
      id: `${index}`,
      username: `person.${index}`,
      active,
      superuser: false,
      access: true,
      state: this.states[OF_STATE.findIndex((share) => drawn < share)]!,
      groups: this.#groupsOf(chance),
      discordIds: [id],
    }
  }

  /** Everybody is in one organisation, few of which are large, and in some of the groups that their organisation leads to. */
  #groupsOf(chance: () => number): readonly string[] {
    const organisation = Math.floor(chance() ** 2 * this.#organisations)
    const open = this.groups.length - this.#organisations
    const offered = this.#freeRoles.length > 0 ? 5 : 7
    const groups = [this.groups[organisation]!]
    for (let at = 0; at < offered; at++) {
      if (chance() < 0.5) groups.push(this.groups[this.#organisations + ((organisation * 5 + at) % open)]!)
    }
    return groups
  }

  #freeRolesOf(chance: () => number): readonly Id[] {
    if (this.#freeRoles.length === 0) return []
    const first = Math.floor(chance() * this.#freeRoles.length)
    return [this.#freeRoles[first]!.id, this.#freeRoles[(first * 3 + 1) % this.#freeRoles.length]!.id]
  }

  /** A stranger holds what they would have earned: somebody gave it to them. */
  #held(identity: Identity | null, fate: Fate, chance: () => number): readonly Id[] {
    if (identity === null) return []
    const earned = [identity.state!, ...identity.groups].map((name) => this.#roleIdOf(name))
    const kept = fate === 'one role less' ? earned.slice(1) : earned
    const extra = fate === 'one role more' ? [this.#notAmong(earned, chance)] : []
    return [...kept, ...extra, ...this.#freeRolesOf(chance)]
  }

  #notAmong(earned: readonly Id[], chance: () => number): Id {
    const first = Math.floor(chance() * this.governedRoleIds.length)
    const others = [...this.governedRoleIds.slice(first), ...this.governedRoleIds]
    return others.find((id) => !earned.includes(id))!
  }

  /** Names are given by number; see `nameOf`. */
  #roleIdOf(name: string): Id {
    return roleId(Number(name.slice(name.lastIndexOf(' ') + 1)))
  }
}

function fateOf(drawn: number): Fate {
  return FATES.find(([reach]) => drawn < reach)?.[1] ?? 'in order'
}

/** 32 hexadecimal digits. */
function hashOf(chance: () => number): string {
  const parts = Array.from({ length: 4 }, () => Math.floor(chance() * 2 ** 32))
  return parts.map((part) => part.toString(16).padStart(8, '0')).join('')
}

function roleId(at: number): Id {
  return snowflakeAt(FIRST_ROLE + at * ROLE_STEP_MS, (at * 37) & 0xfff)
}

/** An id's upper bits are the time at which it was given. */
function msBetween(before: Id, after: Id): number {
  return Number((BigInt(after) >> 22n) - (BigInt(before) >> 22n))
}

function nameOf(at: number, governed: number): string {
  if (at < STATES) return `State ${at}`
  return at < governed ? `Group ${at}` : `Chosen ${at}`
}
