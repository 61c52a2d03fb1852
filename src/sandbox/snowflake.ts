import type { SandboxClock } from './clock.ts'

/** Discord's own name for an id: 17 to 19 decimal digits, the first 42 bits a time. */
export type Id = string

const EPOCH = 1_420_070_400_000n
const TIME_SHIFT = 22n

/** The id that Discord would have given at this time, in ms since the epoch; `low` tells apart ids of one millisecond. */
export function snowflakeAt(at: number, low = 0): Id {
  return (((BigInt(Math.trunc(at)) - EPOCH) << TIME_SHIFT) | BigInt(low)).toString()
}

/** Orders ids as numbers. Decimal strings without leading zeros: the longer is the greater. */
export function compareIds(a: Id, b: Id): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

export function isSnowflake(text: string): boolean {
  return /^\d{17,19}$/.test(text)
}

/** The shard that a guild lives on, by Discord's published formula. */
export function shardOf(guildId: Id, shards: number): number {
  return Number((BigInt(guildId) >> TIME_SHIFT) % BigInt(shards))
}

/** Makes ids that only ever grow, as Discord's do. */
export class Snowflakes {
  readonly #clock: SandboxClock
  #last = 0n

  constructor(clock: SandboxClock) {
    this.#clock = clock
  }

  next(): Id {
    return this.#after(1n)
  }

  /** An id of a millisecond of its own, so that guilds made together do not all land on one shard. */
  nextApart(): Id {
    return this.#after(1n << TIME_SHIFT)
  }

  #after(step: bigint): Id {
    const timed = BigInt(snowflakeAt(this.#clock.now()))
    this.#last = timed > this.#last + step ? timed : this.#last + step
    return this.#last.toString()
  }
}
