import type { REST } from '@discordjs/rest'

/** What time it is at Discord, as its answers tell it: the clock of this machine may be wrong, and then the ages of what Discord dates would be wrong. */
export class DiscordClock {
  readonly #now: () => number
  /** How far Discord's clock is ahead of ours, ms; null before its first answer. */
  #ahead: number | null = null

  constructor(now: () => number) {
    this.#now = now
  }

  /** Reads the clock off what this client is answered from now on. */
  watch(rest: REST): void {
    rest.on('response', (_request, { headers }) => this.hear(headers.get('date')))
  }

  /** The `Date` header of an answer that has come just now: whole seconds, those that are begun left out. */
  hear(date: string | null): void {
    const told = date === null ? Number.NaN : Date.parse(date)
    if (!Number.isNaN(told)) this.#ahead = told - this.#now()
  }

  /** Ms since the epoch, early by what the answer was on its way and up to a second; our own time before the first answer. */
  now(): number {
    return this.#now() + (this.#ahead ?? 0)
  }
}
