/** What is to be done at a time of the sandbox's clock. */
interface Alarm {
  readonly at: number
  readonly act: () => void
}

/** The longest that a timer of Node's runs, ms. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The sandbox's time. It runs with the base clock and can be put forward, so that no test waits for 3 seconds, 30 seconds or 15 minutes. */
export class SandboxClock {
  readonly #base: () => number
  readonly #alarms = new Set<Alarm>()
  #ahead = 0

  constructor(base: () => number = Date.now) {
    this.#base = base
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#base() + this.#ahead
  }

  /** Whatever comes due by it is done before this returns, in order. */
  advance(ms: number): void {
    this.#ahead += ms
    const due = [...this.#alarms].filter(({ at }) => at <= this.now()).sort((a, b) => a.at - b.at)
    for (const alarm of due) this.#ring(alarm)
  }

  /** Does something once so many ms have passed here; `Infinity` is never. The returned function calls it off. */
  after(ms: number, act: () => void): () => void {
    const alarm = { at: this.now() + ms, act }
    this.#alarms.add(alarm)
    this.#arm(alarm)
    return () => this.#alarms.delete(alarm)
  }

  /** As Discord writes times. */
  iso(at = this.now()): string {
    return new Date(at).toISOString()
  }

  /** Looks again when the time may have come: the base clock may stand still, or have been put forward meanwhile. */
  #arm(alarm: Alarm): void {
    const left = alarm.at - this.now()
    if (left === Number.POSITIVE_INFINITY) return
    const look = () => {
      if (!this.#alarms.has(alarm)) return
      if (this.now() >= alarm.at) this.#ring(alarm)
      else this.#arm(alarm)
    }
    setTimeout(look, Math.min(Math.max(left, 0), LONGEST_TIMER)).unref()
  }

  #ring(alarm: Alarm): void {
    if (this.#alarms.delete(alarm)) alarm.act()
  }
}
