import type { Id } from '#src/core/model.ts'
import type { Given } from './grants.ts'

export type LiveCause = 'role_change' | 'join' | 'refill' | 'identity_change'

/** A look that is to be made, and what is known of why. */
export interface Look {
  readonly cause: LiveCause
  readonly given: Given
  /** Acts that came of it and failed. */
  readonly tries: number
}

/** Two looks at one member are one, for both reasons. */
export function joined(one: Look, other: Look): Look {
  const given = new Map([...one.given, ...other.given])
  return { cause: other.cause, given, tries: Math.max(one.tries, other.tries) }
}

/** Members of one guild whose look is put off; past it the next full look finds them. */
const MAX_PUT_OFF = 50_000

/** Looks that cannot be made now, by guild and member. */
export class PutOff {
  readonly #byGuild = new Map<Id, Map<Id, Look>>()

  get guildIds(): readonly Id[] {
    return [...this.#byGuild.keys()]
  }

  add(guildId: Id, memberId: Id, look: Look): void {
    const waiting = this.#byGuild.get(guildId) ?? new Map<Id, Look>()
    const before = waiting.get(memberId)
    if (before || waiting.size < MAX_PUT_OFF) waiting.set(memberId, before ? joined(before, look) : look)
    this.#byGuild.set(guildId, waiting)
  }

  /** Everybody of the guild, who then waits no more. */
  take(guildId: Id): ReadonlyMap<Id, Look> {
    const waiting = this.#byGuild.get(guildId) ?? new Map<Id, Look>()
    this.#byGuild.delete(guildId)
    return waiting
  }
}
