import type { Act, Outcome } from '#src/core/run.ts'

/** `done` means that Discord accepted it: no proof, so the caller reads back. `unknown`: it may have happened. `changed`: it was no longer wanted. */
export interface Performed {
  readonly outcome: Outcome | 'changed'
  readonly detail: string | null
}

/** What came of one try. `again`: the same may go better in a moment. `waitMs`: how long Discord asks to wait; null where no limit was met. */
export interface Step extends Performed {
  readonly again: boolean
  readonly waitMs: number | null
}

/** A rate limit longer than this is not waited for: single-role writes are limited for ten seconds as a rule. */
const LONGEST_LIMIT_MS = 60_000
/** Limits that one act waits for. An act first in line meets one; more of them say that others use up what there is. */
const MOST_LIMITS = 20

/** One act on its way to Discord: how fresh the look at its member is, and what its tries have left in doubt. */
export class Errand {
  readonly act: Act
  readonly reason: string
  readonly #stillWanted: () => Promise<boolean>
  #fresh = true
  #limits = 0
  #doubt: string | null = null

  /** `stillWanted` looks at the member anew. The caller has just looked. */
  constructor(act: Act, reason: string, stillWanted: () => Promise<boolean>) {
    this.act = act
    this.reason = reason
    this.#stillWanted = stillWanted
  }

  /** Nothing was waited for since the member was looked at. */
  get isFresh(): boolean {
    return this.#fresh
  }

  /** Something was waited for, and the member may have changed meanwhile. */
  age(): void {
    this.#fresh = false
  }

  async ask(): Promise<boolean> {
    this.#fresh = await this.#stillWanted()
    return this.#fresh
  }

  mayWait(ms: number): boolean {
    this.#limits++
    return ms <= LONGEST_LIMIT_MS && this.#limits <= MOST_LIMITS
  }

  /** Keeps in mind that a try may have been carried out. */
  note({ outcome, detail }: Performed): void {
    if (outcome === 'unknown') this.#doubt = detail
  }

  /** Once a try may have been carried out, only a clear yes or a vanished member is certain. */
  conclude({ outcome, detail }: Performed): Performed {
    const certain = outcome === 'done' || outcome === 'gone' || this.#doubt === null
    return certain ? { outcome, detail } : { outcome: 'unknown', detail: this.#doubt }
  }
}
