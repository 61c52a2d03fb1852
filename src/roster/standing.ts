import type { RosterState } from '#src/core/run.ts'
import type { RosterChange } from './change.ts'

/** How far the roster is to be trusted, and since when. */
export class Standing {
  readonly #emit: (change: RosterChange) => void
  #state: RosterState = 'cold'
  #verifiedAt: number | null = null
  #doubt: string | null = null

  constructor(emit: (change: RosterChange) => void) {
    this.#emit = emit
  }

  get state(): RosterState {
    return this.#state
  }

  get verifiedAt(): number | null {
    return this.#verifiedAt
  }

  /** Why it is not to be trusted, as far as that was said; null while it is. */
  get doubt(): string | null {
    return this.#doubt
  }

  /** A list is being read. What is suspect stays so until the list is whole. */
  reading(): void {
    if (this.#state === 'cold') this.#enter('syncing', 'the member list is being read')
  }

  whole(at: number): void {
    this.#verifiedAt = at
    this.#doubt = null
    this.#enter('live', 'the member list was read whole')
  }

  /** Found right at this time, by another way than a list. */
  verified(at: number): void {
    if (this.#state === 'live') this.#verifiedAt = at
  }

  /** Only what was right can turn doubtful: a list not yet read is not trusted anyway. */
  distrust(why: string): void {
    this.#doubt = why
    if (this.#state === 'live') this.#enter('suspect', why)
  }

  forget(why: string): void {
    this.#verifiedAt = null
    this.#doubt = why
    if (this.#state !== 'cold') this.#enter('cold', why)
  }

  #enter(to: RosterState, why: string): void {
    const from = this.#state
    this.#state = to
    if (from !== to) this.#emit({ kind: 'state', from, to, why })
  }
}
