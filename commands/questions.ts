import { Refusal } from '#src/core/refusal.ts'
import type { Asked } from '#src/discord/command.ts'

/** As long as Discord lets the answer be edited under which the question stands; older numbers are no ground to say yes on. */
const LIFE_MS = 15 * 60_000

/** Questions that wait at once, in all servers; of more the oldest are let go of. */
const MOST_WAITING = 500

/**
 * What was asked for and waits for a yes, where it does not fit into a button's id. Kept in memory alone: after a restart the question has
 * lapsed and the command is given again, which is the safe way round.
 */
export class Questions<T> {
  readonly #waiting = new Map<string, { readonly at: number; readonly what: T }>()

  /** Returns the token by which the asker's yes is known. */
  put(asked: Asked, now: number, what: T): string {
    this.#waiting.set(keyOf(asked, asked.requestId), { at: now, what })
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST_WAITING) break
      this.#waiting.delete(oldest)
    }
    return asked.requestId
  }

  /** What this person was asked, once. Throws `Refusal` where nothing waits. */
  take(asked: Asked, token: string, now: number): T {
    const key = keyOf(asked, token)
    const waiting = this.#waiting.get(key)
    this.#waiting.delete(key)
    if (waiting === undefined || now - waiting.at > LIFE_MS)
      throw new Refusal(
        'This question was answered before, or has lapsed after 15 minutes. Nothing was changed; give the command again.',
      )
    return waiting.what
  }
}

/** A token counts only in the server and for the person that it was made for. */
const keyOf = ({ guildId, actor }: Asked, token: string): string => `${guildId} ${actor} ${token}`
