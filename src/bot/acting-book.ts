import type { Id } from '#src/core/model.ts'
import type { Act, Intent, IntentContext, PastAct } from '#src/core/run.ts'
import type { BookParts } from '#src/store/book.ts'
import type { Log } from '#src/telemetry/log.ts'
import { TellingBook } from './tell.ts'

/**
 * The book of a bot that has begun to act. Before it is settled what an earlier process left open, nothing is written down that is to be done: else what
 * this one does would be seen when the other's acts are looked at, and be taken for theirs. Nor is it read what was done. Whoever asks for either waits.
 */
export class ActingBook extends TellingBook {
  readonly #settled = Promise.withResolvers<void>()
  #arrived: (guildId: Id) => Promise<void> = async () => {}

  constructor(parts: BookParts, log: Log) {
    super(parts, log)
    // Where the settling fails nobody may be waiting for it; whoever does is told.
    this.#settled.promise.catch(() => {})
  }

  /** Called once. Where the settling fails, whoever waits for it fails with it. */
  opensOnce(settling: Promise<void>): void {
    this.#settled.resolve(settling)
  }

  /** From now on this is waited for when an act was written down, before it is made. */
  waitBeforeActs(arrived: (guildId: Id) => Promise<void>): void {
    this.#arrived = arrived
  }

  override async intend(act: Act, context: IntentContext): Promise<Intent> {
    await this.#settled.promise
    const intent = await super.intend(act, context)
    await this.#arrived(act.guildId)
    return intent
  }

  override async pastActs(
    guildId: Id,
    runId: string,
    memberId: Id | null,
    after: string | null,
    limit: number,
  ): Promise<readonly PastAct[]> {
    await this.#settled.promise
    return super.pastActs(guildId, runId, memberId, after, limit)
  }
}
