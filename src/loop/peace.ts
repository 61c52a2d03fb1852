import type { Id } from '#src/core/model.ts'
import type { World } from './world.ts'

// Peace between bots: where something else keeps giving back what is taken, somebody must give way, and a bot can.

/** So often a role is taken from a member within the window; what comes back after that is left to people. */
const MOST_TAKEN = 3
const WINDOW_MS = 600_000

/** Knows of which roles of a member nothing must be taken in real time, and tells the moderators where that begins. */
export class Peace {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Those of `roleIds` that are contested. They stay so until a person acts on the member or ends it. */
  async contested(guildId: Id, memberId: Id, roleIds: readonly Id[]): Promise<ReadonlySet<Id>> {
    if (roleIds.length === 0) return new Set()
    const [known, ...times] = await Promise.all([
      this.#world.book.contested(guildId, memberId),
      ...roleIds.map((roleId) => this.#timesTaken(guildId, memberId, roleId)),
    ])
    const contested = new Set<Id>()
    for (const [at, roleId] of roleIds.entries()) {
      if (!known.has(roleId) && times[at]! < MOST_TAKEN) continue
      if (!known.has(roleId)) await this.#begin(guildId, memberId, roleId, times[at]!)
      contested.add(roleId)
    }
    return contested
  }

  #timesTaken(guildId: Id, memberId: Id, roleId: Id): Promise<number> {
    return this.#world.book.timesTaken(guildId, memberId, roleId, this.#world.now() - WINDOW_MS)
  }

  async #begin(guildId: Id, memberId: Id, roleId: Id, times: number): Promise<void> {
    const { book } = this.#world
    const at = this.#world.now()
    const grantor = await book.lastGrantor(guildId, memberId, roleId, at - WINDOW_MS)
    const isNew = await book.contest(guildId, memberId, roleId, { grantorId: grantor?.id ?? null, times, at })
    if (isNew) this.#world.tell(guildId, { kind: 'contested', memberId, roleId, times, grantor })
  }
}
