import type { Id } from '#src/core/model.ts'
import type { GroupReviews } from '#src/loop/group.ts'
import { warnIfHarmless } from '#src/loop/harmless.ts'
import type { World } from '#src/loop/world.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { Log } from '#src/telemetry/log.ts'

/** A server that could not be begun with is begun with again after this, until it has gone well: its database may be away for a moment. */
const TRY_AGAIN_MS = 30_000

export interface FirstsParts {
  readonly world: World
  readonly groups: Pick<GroupReviews, 'identityChanged' | 'resume'>
  readonly clock: Clock
  readonly log: Log
  /** Writes into the log what the bot lacks in a server to do its work there. */
  readonly reportStanding: (guildId: Id) => void
}

/** What is done when a guild's roster is live: each time, and what is done once a start. */
export class Firsts {
  readonly #parts: FirstsParts
  readonly #watching = new Map<Id, () => void>()
  readonly #again = new Map<Id, () => void>()
  #closed = false

  constructor(parts: FirstsParts) {
    this.#parts = parts
  }

  live(guildId: Id): void {
    const { world, groups, reportStanding } = this.#parts
    reportStanding(guildId)
    groups.resume(guildId)
    if (this.#watching.has(guildId)) return
    const onChange = (changed: readonly Id[] | 'all') => groups.identityChanged(guildId, changed)
    this.#watching.set(guildId, world.directory(guildId).watch(onChange))
    void this.#begin(guildId)
  }

  close(): void {
    this.#closed = true
    for (const stop of [...this.#watching.values(), ...this.#again.values()]) stop()
  }

  async #begin(guildId: Id): Promise<void> {
    const { clock, log } = this.#parts
    try {
      await this.#first(guildId)
      this.#again.delete(guildId)
    } catch (error) {
      if (this.#closed) return
      log.warn({ guildId, error }, 'A server could not be begun with. It is tried again in half a minute.')
      this.#again.set(
        guildId,
        clock.after(TRY_AGAIN_MS, () => void this.#begin(guildId)),
      )
    }
  }

  /** What happened while the bot was away was told to nobody: where it may act by itself, everybody is looked at once. */
  async #first(guildId: Id): Promise<void> {
    const { world, groups } = this.#parts
    const { armed } = await world.book.settings(guildId)
    if (armed.realtime) groups.identityChanged(guildId, 'all')
    else await warnIfHarmless(world, guildId)
  }
}
