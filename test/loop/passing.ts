import type { Clock } from '#src/loop/clock.ts'
import type { SmallClock } from './small-world.ts'

interface Alarm {
  readonly at: number
  readonly act: () => void
}

/** The small world's time for those who wait for something: alarms go off as it passes, each with all that follows from it. */
export class Passing implements Clock {
  readonly #clock: SmallClock
  readonly #alarms = new Set<Alarm>()

  constructor(clock: SmallClock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now
  }

  after(milliseconds: number, act: () => void): () => void {
    const alarm = { at: this.#clock.elapsed + milliseconds, act }
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  async pass(milliseconds: number): Promise<void> {
    const until = this.#clock.elapsed + milliseconds
    await settled()
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#clock.pass(Math.max(0, next.at - this.#clock.elapsed))
      this.#alarms.delete(next)
      next.act()
      await settled()
    }
    this.#clock.pass(until - this.#clock.elapsed)
  }

  #next(until: number): Alarm | undefined {
    return [...this.#alarms].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0]
  }
}

/** Everything that waits for nothing but promises has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
