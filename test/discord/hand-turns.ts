import type { Turns } from '#src/discord/turns.ts'

interface Alarm {
  readonly at: number
  readonly act: () => void
}

/** Time and turns that pass only when the test says so. What is to come next comes once a moment has passed, whatever its length. */
export class HandTurns implements Turns {
  #now = 0
  #alarms: Alarm[] = []

  readonly now = (): number => this.#now
  readonly next = (act: () => void): (() => void) => this.after(0, act)
  readonly after = (milliseconds: number, act: () => void): (() => void) => {
    const alarm = { at: this.#now + milliseconds, act }
    this.#alarms.push(alarm)
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm)
    }
  }

  get waiting(): number {
    return this.#alarms.length
  }

  /** One turn of the process: what was due at its beginning, and nothing that this brings about. */
  turn(): void {
    const due = this.#alarms.filter(({ at }) => at <= this.#now)
    this.#alarms = this.#alarms.filter((alarm) => !due.includes(alarm))
    for (const { act } of due) act()
  }

  /** Millisecond by millisecond, a turn each. */
  pass(milliseconds: number): void {
    for (let passed = 0; passed < milliseconds; passed++) {
      this.#now++
      this.turn()
    }
  }
}
