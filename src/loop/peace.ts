import type { Finding, Id } from '#src/core/model.ts'
import type { LiveStanding, World } from './world.ts'

// Peace between bots: where something else keeps undoing what is done, somebody must give way, and a bot can.

/** So often a role is taken from a member, or given to one, within the window; what is undone after that is left to people. */
const MOST_TIMES = 3
const WINDOW_MS = 600_000

interface Change {
  readonly guildId: Id
  readonly memberId: Id
  readonly roleId: Id
  readonly what: 'comes_back' | 'goes_away'
  readonly times: number
}

/** Knows of which roles of a member nothing must be changed in real time, and tells the moderators where that begins. */
export class Peace {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** From when on it is counted how often a role was taken from a member, or given. */
  get takenSince(): number {
    return this.#world.now() - WINDOW_MS
  }

  /** Those of the finding's roles that are contested, by what the book says now. They stay so until a person acts on the member or ends it. */
  async contested(
    guildId: Id,
    { memberId, removeRoles, addRoles }: Pick<Finding, 'memberId' | 'removeRoles' | 'addRoles'>,
    { contested: known, timesTaken, timesGiven }: Pick<LiveStanding, 'contested' | 'timesTaken' | 'timesGiven'>,
  ): Promise<ReadonlySet<Id>> {
    const contested = new Set([...removeRoles, ...addRoles].filter((roleId) => known.has(roleId)))
    // What the bot itself gave between two takings came back by nobody else: the source may change its mind as often as it likes.
    const more = (done: ReadonlyMap<Id, number>, undone: ReadonlyMap<Id, number>, roleId: Id) =>
      (done.get(roleId) ?? 0) - (undone.get(roleId) ?? 0)
    const wanted = [
      ...removeRoles.map(
        (roleId) => ({ roleId, what: 'comes_back', times: more(timesTaken, timesGiven, roleId) }) as const,
      ),
      ...addRoles.map(
        (roleId) => ({ roleId, what: 'goes_away', times: more(timesGiven, timesTaken, roleId) }) as const,
      ),
    ]
    for (const change of wanted) {
      if (contested.has(change.roleId) || change.times < MOST_TIMES) continue
      await this.#begin({ guildId, memberId, ...change })
      contested.add(change.roleId)
    }
    return contested
  }

  async #begin({ guildId, memberId, roleId, what, times }: Change): Promise<void> {
    const { book } = this.#world
    const at = this.#world.now()
    // Of what was taken nobody notes who did it.
    const gives = what === 'comes_back'
    const grantor = gives ? await book.lastGrantor(guildId, memberId, roleId, this.takenSince) : null
    const isNew = await book.contest(guildId, memberId, roleId, { what, grantorId: grantor?.id ?? null, times, at })
    if (isNew) this.#world.tell(guildId, { kind: 'contested', memberId, roleId, what, times, grantor })
  }
}
