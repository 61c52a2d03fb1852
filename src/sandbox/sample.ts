import type { Crowd, MemberRecord } from './members.ts'
import type { MemberPlan } from './plan.ts'
import { type Id, snowflakeAt } from './snowflake.ts'

// People made up by rule: the same seed, the same people, on every machine.

/** When the first made-up account was opened, and how far apart accounts lie, in ms. */
const FIRST_ACCOUNT = Date.UTC(2018, 0, 1)
const ACCOUNT_STEP = 15_000
/** How far the four lines of seeds lie apart: room for two million accounts each. */
const SEED_STEP = 400 * 24 * 3600_000

/** The same distance between ids, whole and in two halves of decimal digits. */
const ID_STEP = ACCOUNT_STEP * 2 ** 22
const STEP_HIGH = Math.floor(ID_STEP / 1_000_000_000)
const STEP_LOW = ID_STEP % 1_000_000_000

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
function chances(seed: number): () => number {
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
  const sample = new Sample(seed, options)
  return Array.from({ length: count }, (_, index) => sample.person(index))
}

/** The same people, computed when asked for and never kept: for a hundred thousand or a million of them. `roles` are ids. */
export function sampleCrowd(size: number, seed: number, options: SampleOptions = {}): Crowd {
  const sample = new Sample(seed, options)
  return {
    size,
    idAt: (index) => sample.idAt(index),
    indexOf: (id) => {
      const index = sample.indexOf(id)
      return index < size ? index : -1
    },
    at: (index) => sample.person(index),
  }
}

/** How many different sets of roles are handed out. */
const ROLE_SETS = 1024
/** Ids are added up in two halves of decimal digits: faster by far than as bigints. */
const HALF = 1_000_000_000

class Sample {
  readonly #seed: number
  readonly #bots: number
  readonly #roleSets: readonly (readonly string[])[]
  readonly #first: bigint
  readonly #firstHalves: readonly [number, number]

  constructor(seed: number, { roles = [], share = 0.3, bots = 0.01 }: SampleOptions) {
    const chance = chances(seed)
    this.#seed = seed
    this.#bots = bots
    this.#roleSets = Array.from({ length: ROLE_SETS }, () => roles.filter(() => chance() < share))
    this.#first = BigInt(snowflakeAt(FIRST_ACCOUNT + (seed % 4) * SEED_STEP, seed & 0xfff))
    this.#firstHalves = [Number(this.#first / BigInt(HALF)), Number(this.#first % BigInt(HALF))]
  }

  person(index: number): MemberRecord {
    const chance = chances(this.#seed * 1_000_003 + index)
    const bot = chance() < this.#bots
    const name = `${pick(FORENAMES, chance)}.${pick(SURNAMES, chance)}${index}`
    return {
      id: this.idAt(index),
      username: bot ? `bot-${index}` : name,
      globalName: pick(DISPLAYS, chance),
      nick: chance() < 0.2 ? `Nick ${index}` : null,
      roles: pick(this.#roleSets, chance),
      bot,
      joinedAt: FIRST_ACCOUNT + SEED_STEP * 5 + index * 1000,
    }
  }

  /** Accounts a step apart: the index is the time, so that an id leads back to its person without a table. */
  idAt(index: number): Id {
    const [high, low] = this.#firstHalves
    const sum = low + index * STEP_LOW
    const carry = Math.floor(sum / HALF)
    return `${high + index * STEP_HIGH + carry}${String(sum - carry * HALF).padStart(9, '0')}`
  }

  /** -1 where the id is nobody's. */
  indexOf(id: Id): number {
    const index = Number(BigInt(id) - this.#first) / ID_STEP
    return Number.isInteger(index) && index >= 0 && this.idAt(index) === id ? index : -1
  }
}

function pick<T>(list: readonly T[], chance: () => number): T {
  return list[Math.floor(chance() * list.length)]!
}
