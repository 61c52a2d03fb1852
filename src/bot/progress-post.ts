import type { Id } from '#src/core/model.ts'
import type { AuditProgress, Reply } from '#src/discord/command.ts'
import { DiscordFault } from '#src/discord/faults.ts'

// A scheduled run shows how far it is in one message that is edited, and not in many.

export interface ProgressPoster {
  post(channelId: Id, reply: Reply): Promise<{ readonly messageId: Id }>
  edit(channelId: Id, messageId: Id, reply: Reply): Promise<unknown>
}

/** Edits of one message are limited to about one a second; a person looks less often. */
const EVERY_MS = 5_000

/** One message of one run. Nothing here throws: a run does not depend on being watched. */
export class ProgressPost {
  readonly #poster: ProgressPoster
  readonly #channelId: Id
  readonly #words: (progress: AuditProgress) => Reply
  readonly #elapsed: () => number
  #message: Promise<Id | null> | null = null
  #shownAt = Number.NEGATIVE_INFINITY
  #busy = false

  constructor(poster: ProgressPoster, channelId: Id, words: (progress: AuditProgress) => Reply, elapsed: () => number) {
    this.#poster = poster
    this.#channelId = channelId
    this.#words = words
    this.#elapsed = elapsed
  }

  /** Shows it, unless something was shown a moment ago. */
  show(progress: AuditProgress): void {
    if (progress.stage !== 'acting' || this.#busy || this.#elapsed() - this.#shownAt < EVERY_MS) return
    this.#shownAt = this.#elapsed()
    this.#busy = true
    void this.#write(this.#words(progress)).finally(() => {
      this.#busy = false
    })
  }

  async #write(reply: Reply): Promise<void> {
    try {
      if (this.#message === null) {
        this.#message = this.#poster.post(this.#channelId, reply).then(
          ({ messageId }) => messageId,
          () => null,
        )
        return
      }
      const messageId = await this.#message
      if (messageId !== null) await this.#poster.edit(this.#channelId, messageId, reply)
    } catch (error) {
      // Whoever cannot see the progress sees the end. What Discord refuses it would refuse each time, and count.
      if (error instanceof DiscordFault && (error.kind === 'refused' || error.kind === 'missing'))
        this.#message = Promise.resolve(null)
    }
  }
}
