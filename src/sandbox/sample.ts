import type { Crowd, MemberRecord } from './members.ts'
import type { MemberPlan } from './plan.ts'
import { type Id, snowflakeAt } from './snowflake.ts'

// People made up by rule: the same seed, the same people, on every machine.

/** When the first made-up account was opened, and how far apart accounts lie, in ms. */
const FIRST_ACCOUNT = Date.UTC(2018, 0, 1)
const ACCOUNT_STEP = 15_000
/** How far the four lines of seeds lie apart: room for two million accounts each. */
const SEED_STEP = 400 * 24 * 3600_000

const FORENAMES = [
  'ann',
  'ben',
  'cleo',
  'dara',
  'emil',
  'fay',
  'gus',
  'hana',
  'ivo',
  'june',
  'kai',
  'lena',
  'milo',
  'nora',
  'otis',
  'pia',
]
const SURNAMES = [
  'ash',
  'birch',
  'cobb',
  'dale',
  'elm',
  'flint',
  'grove',
  'hale',
  'isle',
  'jarr',
  'knoll',
  'lake',
  'moss',
  'nash',
  'oak',
  'pine',
]
/** Display names as people really write them, markup and other scripts too. */
const DISPLAYS = [null, null, null, 'Ænna', '*star*', '李雷', 'José', '~Zed~', 'Ω', '`tick`', 'Two Words', '<@1>']

/** A small generator of numbers in [0, 1) that a seed decides; good enough for sample data and for nothing else. */
export function chances(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export interface SampleOptions {
  /** Names or ids of roles to hand out. */
  readonly roles?: readonly string[]
  /** How likely a member holds each role. 0.3 by default. */
  readonly share?: number
  /** How likely an account is a bot. 0.01 by default. */
  readonly bots?: number
}

/** `count` members, each with an id of its own; the i-th of a seed is always the same person. */
export function sampleMembers(count: number, seed: number, options: SampleOptions = {}): MemberPlan[] {
  return Array.from({ length: count }, (_, index) => samplePerson(index, seed, options))
}

/** The same kind of people, computed when asked for and never kept: for a hundred thousand or a million of them. `roles` are ids. */
export function sampleCrowd(size: number, seed: number, options: SampleOptions = {}): Crowd {
  return {
    size,
    idAt: (index) => sampleId(index, seed),
    indexOf: (id) => indexOf(id, size, seed),
    at: (index) => toRecord(samplePerson(index, seed, options)),
  }
}

function samplePerson(
  index: number,
  seed: number,
  { roles = [], share = 0.3, bots = 0.01 }: SampleOptions,
): MemberPlan {
  const chance = chances(seed * 1_000_003 + index)
  const bot = chance() < bots
  const name = `${pick(FORENAMES, chance)}.${pick(SURNAMES, chance)}${index}`
  return {
    id: sampleId(index, seed),
    username: bot ? `bot-${index}` : name,
    globalName: pick(DISPLAYS, chance),
    nick: chance() < 0.2 ? `Nick ${index}` : null,
    roles: roles.filter(() => chance() < share),
    bot,
    joinedAt: FIRST_ACCOUNT + SEED_STEP * 5 + index * 1000,
  }
}

function toRecord(plan: MemberPlan): MemberRecord {
  const { id = '', username, globalName = null, nick = null, roles = [], bot = false, joinedAt = 0 } = plan
  return { id, username, globalName, nick, roles, bot, joinedAt }
}

/** Accounts a step apart; the index is the time, so that an id leads back to its person without a table. */
function sampleId(index: number, seed: number): Id {
  return snowflakeAt(startOf(seed) + index * ACCOUNT_STEP, seed & 0xfff)
}

function indexOf(id: Id, size: number, seed: number): number {
  const index = Number((BigInt(id) >> 22n) + 1_420_070_400_000n - BigInt(startOf(seed))) / ACCOUNT_STEP
  return Number.isInteger(index) && index >= 0 && index < size && sampleId(index, seed) === id ? index : -1
}

function startOf(seed: number): number {
  return FIRST_ACCOUNT + (seed % 4) * SEED_STEP
}

function pick<T>(list: readonly T[], chance: () => number): T {
  return list[Math.floor(chance() * list.length)]!
}
