import type { Clock } from '#src/roster/clock.ts'

interface Alarm {
  readonly at: number
  readonly act: () => void
}

/** Time that passes only when the test says so. */
export class HandClock implements Clock {
  #now = 1_000_000
  readonly #alarms = new Set<Alarm>()

  now(): number {
    return this.#now
  }

  get waiting(): number {
    return this.#alarms.size
  }

  after(milliseconds: number, act: () => void): () => void {
    const alarm = { at: this.#now + milliseconds, act }
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  /** Passes the time, alarm by alarm, and lets what each has begun come to rest. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds
    await settled()
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.at)
      this.#alarms.delete(next)
      next.act()
      await settled()
    }
    this.#now = until
  }

  #next(until: number): Alarm | undefined {
    return [...this.#alarms].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0]
  }
}

/** Everything that waits for nothing but promises has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
