import type { Finding, Id } from '#src/core/model.ts'
import type { Act } from '#src/core/run.ts'
import { actsOf, inBulk } from './carrying.ts'
import type { World } from './world.ts'

// How long the rest of a plan takes, by the limits that Discord told.

const SECOND_MS = 1_000

/** Acts of a plan that are left, by kind: each has a limit of its own at Discord. */
export class Workload {
  readonly #world: World
  readonly #guildId: Id
  readonly #left = new Map<Act['kind'], number>()

  constructor(world: World, guildId: Id) {
    this.#world = world
    this.#guildId = guildId
  }

  add(planned: Finding): void {
    this.#count(planned, 1)
  }

  take(planned: Finding): void {
    this.#count(planned, -1)
  }

  /** Milliseconds; null where nothing is known of a pace. The acts of a guild go one after the other. */
  get leftMs(): number | null {
    let ms = 0
    for (const [kind, acts] of this.#left) {
      if (acts > 0) ms += (acts / this.#world.enforcer.pace(this.#guildId, kind)) * SECOND_MS
    }
    return Number.isFinite(ms) ? Math.round(ms) : null
  }

  #count(planned: Finding, by: 1 | -1): void {
    const acts = actsOf(this.#guildId, planned)
    for (const { kind } of this.#world.bulkStrip ? inBulk(acts) : acts)
      this.#left.set(kind, (this.#left.get(kind) ?? 0) + by)
  }
}
