import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Only, Run } from '#src/core/run.ts'
import { inOwnContext } from '#src/telemetry/context.ts'
import type { Clock } from './clock.ts'
import type { World } from './world.ts'

// One cause that concerns many members is one run. Causes of a guild are taken one after the other.

/** A review that could not be begun, or that failed, is tried again after this, so often; one that waits for a clear view without end. */
const TRY_AGAIN_MS = 30_000
const MAX_TRIES = 20

/** `role:<id>` or `source:<name>`: what happened, and whom it concerns. */
export interface Cause {
  readonly guildId: Id
  readonly cause: string
  readonly only: Only
}

/** `unclear`: the roster is in doubt, the source not to be trusted, or it is not known who acts, so that nobody can be judged for now. `failed`: it may go better later. */
export type Reviewed =
  | { readonly kind: 'done' }
  | { readonly kind: 'unclear' }
  | { readonly kind: 'failed'; readonly run: Run | null }

interface Line {
  /** By cause: what happened twice before it was reviewed is one. */
  readonly waiting: Map<string, Cause>
  working: boolean
  tries: number
  /** Goes on at once; null where nothing waits for a clear view. */
  resume: (() => void) | null
}

export class Causes {
  readonly #world: World
  readonly #clock: Clock
  readonly #review: (cause: Cause) => Promise<Reviewed>
  readonly #lines = new Map<Id, Line>()

  constructor(world: World, clock: Clock, review: (cause: Cause) => Promise<Reviewed>) {
    this.#world = world
    this.#clock = clock
    this.#review = review
  }

  add(cause: Cause): void {
    const line = this.#lines.get(cause.guildId) ?? { waiting: new Map(), working: false, tries: 0, resume: null }
    this.#lines.set(cause.guildId, line)
    line.waiting.set(cause.cause, cause)
    void this.#work(cause.guildId, line)
  }

  /** The guild's roster is live (again), or its source is to be trusted again: what waits for that is reviewed now. */
  resume(guildId: Id): void {
    this.#lines.get(guildId)?.resume?.()
  }

  async #work(guildId: Id, line: Line): Promise<void> {
    if (line.working) return
    line.working = true
    for (let next = first(line); next; next = first(line)) {
      const reviewed = await this.#tryReview(next)
      if (reviewed.kind === 'done') line.tries = 0
      else if (reviewed.kind === 'unclear') return this.#wait(next, line)
      else if (++line.tries < MAX_TRIES) return void this.#tryAgain(next, line)
      else this.#giveUp(next, line, reviewed.run)
    }
    line.working = false
    this.#lines.delete(guildId)
  }

  /** Whoever sees that all is clear resumes it; asked anew now and then, so that nobody is forgotten where that was missed. */
  #wait(cause: Cause, line: Line): void {
    const callOff = this.#tryAgain(cause, line)
    line.resume = () => {
      callOff()
      this.#goOn(cause.guildId, line)
    }
  }

  #tryAgain(cause: Cause, line: Line): () => void {
    if (!line.waiting.has(cause.cause)) line.waiting.set(cause.cause, cause)
    return this.#clock.after(TRY_AGAIN_MS, () => this.#goOn(cause.guildId, line))
  }

  #goOn(guildId: Id, line: Line): void {
    line.resume = null
    line.working = false
    void this.#work(guildId, line)
  }

  /** Of the tries nobody is told: what came of the last stands for all. */
  #giveUp({ guildId, cause }: Cause, line: Line, run: Run | null): void {
    line.tries = 0
    this.#world.notice('a review of those whom one cause concerns was given up; the next audit finds them', {
      guild: guildId,
      cause,
    })
    if (run) this.#world.tell(guildId, { kind: 'run_ended', run, atStake: 0, grantors: [] })
  }

  async #tryReview(cause: Cause): Promise<Reviewed> {
    // Whoever acts in this one's place reviews by itself; but nobody may, and this one acts again in a moment.
    if (!this.#world.mayAct()) return { kind: 'unclear' }
    try {
      return await inOwnContext('review', 'system:realtime', () => this.#review(cause))
    } catch (error) {
      if (!(error instanceof Refusal))
        this.#world.notice('a review of those whom one cause concerns broke', { ...cause, error })
      return { kind: 'failed', run: null }
    }
  }
}

function first(line: Line): Cause | undefined {
  const [next] = line.waiting.values()
  if (next) line.waiting.delete(next.cause)
  return next
}
