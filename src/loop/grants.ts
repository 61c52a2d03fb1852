import type { Finding, Id } from '#src/core/model.ts'
import type { Grantor } from '#src/core/notice.ts'
import type { Attribution } from './attribution.ts'
import { memberKey } from './queue.ts'
import type { World } from './world.ts'

// Who gave roles that were not earned. It is found out beside the act, which never waits for it.

/** Given roles whose giver is known or being found out, so that a second look at the same need not ask and note again; the oldest is forgotten first. */
const MAX_FOLLOWED = 5_000

/** When each role was seen to be given, ms since the epoch. */
export type Given = ReadonlyMap<Id, number>

/** A role that a member was seen to be given. */
interface Gift {
  readonly guildId: Id
  readonly memberId: Id
  readonly roleId: Id
  readonly seenAt: number
}

export class Grants {
  readonly #world: World
  readonly #attribution: Attribution
  readonly #followed = new Map<string, Promise<Grantor>>()

  constructor(world: World, attribution: Attribution) {
    this.#world = world
    this.#attribution = attribution
  }

  /**
   * Finds the giver of each role that was given and not earned, and notes it once `written` has resolved: the act that is wanted is written into the same
   * record, and goes before. The promises never reject.
   */
  follow(
    guildId: Id,
    { memberId, excessRoles }: Finding,
    given: Given,
    written: Promise<void>,
  ): ReadonlyMap<Id, Promise<Grantor>> {
    const unearned = [...given].filter(([roleId]) => excessRoles.includes(roleId))
    const follow = (roleId: Id, seenAt: number) => this.#followOne({ guildId, memberId, roleId, seenAt }, written)
    return new Map(unearned.map(([roleId, seenAt]) => [roleId, follow(roleId, seenAt)]))
  }

  /** Lets go of what is not known yet, and resolves when everything is written. */
  async close(): Promise<void> {
    this.#attribution.close()
    await Promise.all(this.#followed.values())
  }

  #followOne(gift: Gift, written: Promise<void>): Promise<Grantor> {
    const { guildId, memberId, roleId, seenAt } = gift
    const key = `${memberKey(guildId, memberId)}/${roleId}/${seenAt}`
    const known = this.#followed.get(key)
    if (known !== undefined) return known
    const found = this.#find(gift, written)
    this.#followed.set(key, found)
    const oldest = this.#followed.keys().next()
    if (this.#followed.size > MAX_FOLLOWED && !oldest.done) this.#followed.delete(oldest.value)
    return found
  }

  async #find({ guildId, memberId, roleId, seenAt }: Gift, written: Promise<void>): Promise<Grantor> {
    const grantor = await this.#attribution.whoGave(guildId, memberId, roleId, seenAt)
    await written
    // What the bot gave back at somebody's wish is nobody's slip.
    if (grantor === null && this.#attribution.wasOwn(guildId, memberId, roleId, seenAt)) return null
    try {
      await this.#world.book.noteGrant(guildId, { memberId, roleId, grantor, at: seenAt })
    } catch (error) {
      this.#world.notice('who gave a role could not be recorded', { guild: guildId, member: memberId, error })
    }
    return grantor
  }
}
