import type { Id } from '#src/core/model.ts'
import type { LiveStanding, World } from './world.ts'

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

  /** From when on it is counted how often a role was taken from a member. */
  get takenSince(): number {
    return this.#world.now() - WINDOW_MS
  }

  /** Those of `roleIds` that are contested, by what the book says now. They stay so until a person acts on the member or ends it. */
  async contested(
    guildId: Id,
    memberId: Id,
    roleIds: readonly Id[],
    { contested: known, timesTaken }: Pick<LiveStanding, 'contested' | 'timesTaken'>,
  ): Promise<ReadonlySet<Id>> {
    const contested = new Set(roleIds.filter((roleId) => known.has(roleId)))
    for (const roleId of roleIds) {
      const times = timesTaken.get(roleId) ?? 0
      if (contested.has(roleId) || times < MOST_TAKEN) continue
      await this.#begin(guildId, memberId, roleId, times)
      contested.add(roleId)
    }
    return contested
  }

  async #begin(guildId: Id, memberId: Id, roleId: Id, times: number): Promise<void> {
    const { book } = this.#world
    const at = this.#world.now()
    const grantor = await book.lastGrantor(guildId, memberId, roleId, this.takenSince)
    const isNew = await book.contest(guildId, memberId, roleId, { grantorId: grantor?.id ?? null, times, at })
    if (isNew) this.#world.tell(guildId, { kind: 'contested', memberId, roleId, times, grantor })
  }
}
