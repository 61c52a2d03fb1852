import type { Id } from '#src/core/model.ts'
import { liveBlast } from './reservations.ts'
import type { World } from './world.ts'

// A change at the source is one cause: those whom it concerns are one run, unless all of them together may lose something live.

/** So many people that changed are looked at one by one; more are read faster at once. */
const MAX_ONE_BY_ONE = 50
/** After so long a look has been made, and counts by what came of it. */
const LOOKED_AT_MS = 60_000

/** Tells few from many, by the blast radius of live acts in this hour and day. */
export class Few {
  readonly #world: World
  /** By guild, who is about to be looked at one by one, and since when by the world's `elapsed`. */
  readonly #expected = new Map<Id, Map<Id, number>>()

  constructor(world: World) {
    this.#world = world
  }

  /**
   * Those of them who are in the guild, to be looked at one by one; null where that might take from some what the blast radius then leaves to others.
   * To be asked of a roster that is live.
   */
  async of(guildId: Id, changed: readonly Id[]): Promise<readonly Id[] | null> {
    const roster = this.#world.roster(guildId)
    const members = changed.filter((id) => roster?.member(id))
    const expected = this.#expectedNow(guildId)
    const others = members.filter((id) => !expected.has(id))
    if (expected.size + others.length > MAX_ONE_BY_ONE) return null
    const now = this.#world.elapsed()
    for (const id of others) expected.set(id, now)
    const settings = await this.#world.book.settings(guildId)
    if (!(await liveBlast(this.#world, guildId, settings, [...expected.keys()])).over) return members
    for (const id of others) expected.delete(id)
    return null
  }

  #expectedNow(guildId: Id): Map<Id, number> {
    const expected = this.#expected.get(guildId) ?? new Map<Id, number>()
    this.#expected.set(guildId, expected)
    const lookedAt = this.#world.elapsed() - LOOKED_AT_MS
    for (const [id, since] of expected) if (since <= lookedAt) expected.delete(id)
    return expected
  }
}
