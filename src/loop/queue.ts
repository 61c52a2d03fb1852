// Who is looked at, and in what order. Only a key waits in line; what is to be known of it is read when its turn comes.

export type Lane = 'live' | 'command' | 'sweep'
/** Live work goes before commands, commands before sweeps: a long run must not delay a hand-given role. */
const LANES: readonly Lane[] = ['live', 'command', 'sweep']

/** Keys that may wait in one lane. Past it a key is refused, and the next full look finds the member. */
const MAX_WAITING = 200_000
/** Keys looked at at once. Discord's own limits decide the pace; more would only grow the time between look and act. */
const MAX_AT_ONCE = 4

interface Job {
  readonly key: string
  readonly task: () => Promise<void>
  readonly finished: PromiseWithResolvers<void>
}

/** A key that found no place: the lane is full. */
export class LaneFull extends Error {
  override readonly name = 'LaneFull'
}

/** Runs tasks by lane, one at a time a key, a few keys at once. A key that already waits in a lane is not added twice. */
export class Queue {
  readonly #waiting: Readonly<Record<Lane, Map<string, Job>>> = {
    live: new Map(),
    command: new Map(),
    sweep: new Map(),
  }
  readonly #busy = new Set<string>()
  #closed = false

  /** Resolves when the key's task has ended; rejects with what the task threw, or with `LaneFull`. */
  add(key: string, lane: Lane, task: () => Promise<void>): Promise<void> {
    const line = this.#waiting[lane]
    const before = line.get(key)
    if (before) return before.finished.promise
    if (line.size >= MAX_WAITING || this.#closed) return Promise.reject(new LaneFull(`no place in the ${lane} lane`))
    const job: Job = { key, task, finished: Promise.withResolvers() }
    line.set(key, job)
    this.#turn()
    return job.finished.promise
  }

  /** How many keys wait, for those who show it. */
  get waiting(): number {
    return LANES.reduce((sum, lane) => sum + this.#waiting[lane].size, 0)
  }

  /** Takes in no more and lets go of what waits; what is in hand ends by itself. */
  close(): void {
    this.#closed = true
    for (const lane of LANES) {
      for (const job of this.#waiting[lane].values()) job.finished.reject(new LaneFull('the queue was closed'))
      this.#waiting[lane].clear()
    }
  }

  #turn(): void {
    while (this.#busy.size < MAX_AT_ONCE) {
      const job = this.#next()
      if (!job) return
      this.#busy.add(job.key)
      void this.#work(job)
    }
  }

  /** The first key of the first lane that nobody is at work on. */
  #next(): Job | undefined {
    for (const lane of LANES) {
      for (const job of this.#waiting[lane].values()) {
        if (this.#busy.has(job.key)) continue
        this.#waiting[lane].delete(job.key)
        return job
      }
    }
    return undefined
  }

  async #work(job: Job): Promise<void> {
    try {
      await job.task()
      job.finished.resolve()
    } catch (error) {
      job.finished.reject(error)
    } finally {
      this.#busy.delete(job.key)
      this.#turn()
    }
  }
}

/** The key of a member in a guild. */
export const memberKey = (guildId: string, memberId: string): string => `${guildId}/${memberId}`
