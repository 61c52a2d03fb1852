import type { Finding, Id } from '#src/core/model.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { LiveCause } from './put-off.ts'
import { memberKey } from './queue.ts'
import type { World } from './world.ts'

// What live looks find and do not act on, in the trail: once, and its end once.

/** Findings remembered so that the same one is not written twice; the oldest is forgotten first. */
const MAX_REMEMBERED = 50_000

/** A finding that was not acted on, and why not where no gate says so. */
export interface Seen {
  readonly finding: Finding
  /** Something else keeps giving back the roles. */
  readonly contested?: true
  /** No run has looked at the identity source yet. */
  readonly unaccepted?: true
}

export class SeenFindings {
  readonly #world: World
  readonly #last = new Map<string, string>()

  constructor(world: World) {
    this.#world = world
  }

  /** Writes what differs from the last line about this member, null where they are in order; remembered only once it is written. */
  async tell(guildId: Id, memberId: Id, seen: Seen | null, cause: LiveCause): Promise<void> {
    const key = memberKey(guildId, memberId)
    const digest = seen ? this.#world.digestOf(seen) : undefined
    if (digest === this.#last.get(key)) return
    await this.#write(guildId, memberId, seen, cause)
    this.#last.delete(key)
    if (digest !== undefined) this.#last.set(key, digest)
    const oldest = this.#last.keys().next()
    if (this.#last.size > MAX_REMEMBERED && !oldest.done) this.#last.delete(oldest.value)
  }

  async #write(guildId: Id, memberId: Id, seen: Seen | null, cause: LiveCause): Promise<void> {
    const line = { guildId, actor: 'system:realtime', subject: `member:${memberId}` } as const
    const { finding, ...why } = seen ?? { finding: null }
    const draft: TrailDraft = finding
      ? { ...line, type: 'finding.seen', data: { ...finding, ...why, seenBy: cause } }
      : { ...line, type: 'finding.cleared', data: { seenBy: cause } }
    await this.#world.book.append([draft], this.#world.now())
  }
}
