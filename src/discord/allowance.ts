const SECOND_MS = 1_000
/** The share of a second's requests that those which may wait can use up; the rest is kept for what is urgent. */
const COMMON_SHARE = 3 / 4

/** What the bot may send in a second in all, whichever guild it is for, and the pause that Discord asks of everything. */
export class Allowance {
  readonly #perSecond: number
  #beganAt = Number.NEGATIVE_INFINITY
  #used = 0
  #closedUntil = Number.NEGATIVE_INFINITY

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** How long a request waits, in ms of the same clock as `now`. */
  dueIn(now: number, urgent: boolean): number {
    if (now < this.#closedUntil) return this.#closedUntil - now
    const most = urgent ? this.#perSecond : Math.max(1, Math.floor(this.#perSecond * COMMON_SHARE))
    return this.#isOver(now) || this.#used < most ? 0 : this.#beganAt + SECOND_MS - now
  }

  take(now: number): void {
    if (this.#isOver(now)) {
      this.#beganAt = now
      this.#used = 0
    }
    this.#used++
  }

  close(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until)
  }

  #isOver(now: number): boolean {
    return now >= this.#beganAt + SECOND_MS
  }
}
