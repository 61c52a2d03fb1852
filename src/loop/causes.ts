import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Only, Run } from '#src/core/run.ts'
import type { Clock } from './clock.ts'
import type { World } from './world.ts'

// One cause that concerns many members is one run. Causes of a guild are taken one after the other.

/** A review that could not be begun (the roster is in doubt, the source silent) is tried again after this, so often. */
const TRY_AGAIN_MS = 30_000
const MAX_TRIES = 20

/** `role:<id>` or `source:<name>`: what happened, and whom it concerns. */
export interface Cause {
  readonly guildId: Id
  readonly cause: string
  readonly only: Only
}

interface Line {
  /** By cause: what happened twice before it was reviewed is one. */
  readonly waiting: Map<string, Cause>
  working: boolean
  tries: number
}

export class Causes {
  readonly #world: World
  readonly #clock: Clock
  readonly #review: (cause: Cause) => Promise<Run>
  readonly #lines = new Map<Id, Line>()

  constructor(world: World, clock: Clock, review: (cause: Cause) => Promise<Run>) {
    this.#world = world
    this.#clock = clock
    this.#review = review
  }

  add(cause: Cause): void {
    const line = this.#lines.get(cause.guildId) ?? { waiting: new Map(), working: false, tries: 0 }
    this.#lines.set(cause.guildId, line)
    line.waiting.set(cause.cause, cause)
    void this.#work(cause.guildId, line)
  }

  async #work(guildId: Id, line: Line): Promise<void> {
    if (line.working) return
    line.working = true
    for (let next = first(line); next; next = first(line)) {
      if (await this.#isDone(next)) line.tries = 0
      else if (++line.tries < MAX_TRIES) return this.#tryAgain(next, line)
      else this.#giveUp(next, line)
    }
    line.working = false
    this.#lines.delete(guildId)
  }

  #tryAgain(cause: Cause, line: Line): void {
    if (!line.waiting.has(cause.cause)) line.waiting.set(cause.cause, cause)
    this.#clock.after(TRY_AGAIN_MS, () => {
      line.working = false
      void this.#work(cause.guildId, line)
    })
  }

  #giveUp({ guildId, cause }: Cause, line: Line): void {
    line.tries = 0
    this.#world.notice('a review of those whom one cause concerns was given up; the next audit finds them', {
      guild: guildId,
      cause,
    })
  }

  /** False where it may go better later. */
  async #isDone(cause: Cause): Promise<boolean> {
    // Whoever acts in this one's place reviews by itself.
    if (!this.#world.mayAct()) return true
    try {
      return (await this.#review(cause)).state !== 'failed'
    } catch (error) {
      if (!(error instanceof Refusal))
        this.#world.notice('a review of those whom one cause concerns broke', { ...cause, error })
      return false
    }
  }
}

function first(line: Line): Cause | undefined {
  const [next] = line.waiting.values()
  if (next) line.waiting.delete(next.cause)
  return next
}
