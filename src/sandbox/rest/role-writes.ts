import type { Deed, Guild } from '../guild.ts'
import type { Id } from '../snowflake.ts'
import type { RestTroubles } from './troubles.ts'

/** How long a write waits for a rival, ms: long enough for a second request that is already on its way. */
const RIVAL_WITHIN = 30

interface Waiting {
  /** Called when a rival has read the same roles. */
  readonly go: () => void
}

/** Writes of a single role. Whole and in order, unless the race is switched on: then two at once each write what they read before the other. */
export class RoleWrites {
  readonly #troubles: RestTroubles
  readonly #waiting = new Map<Id, Waiting>()

  constructor(troubles: RestTroubles) {
    this.#troubles = troubles
  }

  async write(
    guild: Guild,
    memberId: Id,
    wish: { readonly role: Id; readonly held: boolean },
    deed: Deed,
  ): Promise<void> {
    const read = guild.members.get(memberId)!.roles
    if (this.#troubles.raceRoleWrites) await this.#rival(memberId)
    if (!guild.members.get(memberId) || read.includes(wish.role) === wish.held) return
    const others = read.filter((id) => id !== wish.role)
    guild.setRoles(memberId, wish.held ? [...others, wish.role] : others, deed)
  }

  #rival(memberId: Id): Promise<void> {
    const first = this.#waiting.get(memberId)
    if (first) {
      first.go()
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => go(), RIVAL_WITHIN)
      const go = () => {
        clearTimeout(timer)
        this.#waiting.delete(memberId)
        resolve()
      }
      this.#waiting.set(memberId, { go })
    })
  }
}
