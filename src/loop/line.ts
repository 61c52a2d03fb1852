// A lane of the queue: the jobs in it that wait for their turn, and what a turn gives them.

export type Lane = 'live' | 'command' | 'sweep'

/** A task's turn. */
export interface Turn {
  /**
   * A live look has come to an act: it gives its place back to other looks and resolves when one of its guild's places for live acts is free.
   * Rejects with `LaneFull` where too many wait for one. In other lanes, and the second time, it resolves at once.
   * `onWait` is called where none is free at this moment.
   */
  act(onWait?: () => void): Promise<void>
}

export interface Job {
  readonly key: string
  readonly lane: Lane
  readonly task: (turn: Turn) => Promise<void>
  readonly finished: PromiseWithResolvers<void>
  /** The place that it takes up; null while it waits to act. */
  place: string | null
}

/** The jobs of one lane that wait, by the place that they wait for: where that is taken, none of them need be looked at. */
export class Line {
  readonly #byPlace = new Map<string, Map<string, Job>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  find(key: string, place: string): Job | undefined {
    return this.#byPlace.get(place)?.get(key)
  }

  add(job: Job, place: string): void {
    const jobs = this.#byPlace.get(place) ?? new Map<string, Job>()
    jobs.set(job.key, job)
    this.#byPlace.set(place, jobs)
    this.#size++
  }

  drop({ key }: Job, place: string): void {
    const jobs = this.#byPlace.get(place)
    if (!jobs?.delete(key)) return
    if (jobs.size === 0) this.#byPlace.delete(place)
    this.#size--
  }

  /** The first whose place is free and whose key nobody is at work on. */
  first(isFree: (place: string) => boolean, isIdle: (key: string) => boolean): Job | undefined {
    for (const [place, jobs] of this.#byPlace) {
      if (!isFree(place)) continue
      for (const job of jobs.values()) if (isIdle(job.key)) return job
    }
    return undefined
  }

  /** Everybody who waited. */
  empty(): readonly Job[] {
    const jobs = [...this.#byPlace.values()].flatMap((line) => [...line.values()])
    this.#byPlace.clear()
    this.#size = 0
    return jobs
  }
}
