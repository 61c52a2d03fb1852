// Who is looked at, and in what order. Only a key waits in line; what is to be known of it is read when its turn comes.

export type Lane = 'live' | 'command' | 'sweep'
/** Live work goes before commands, commands before sweeps: a long run must not delay a hand-given role. */
const LANES: readonly Lane[] = ['live', 'command', 'sweep']

/** Keys that may wait in one lane. Past it a key is refused, and the next full look finds the member. */
const MAX_WAITING = 200_000
/** Live looks at once, in all guilds. They have places of their own, so that acts that wait at Discord's door never hold them up. */
const LIVE_AT_ONCE = 4
/** Members of one guild that are acted on at once. Discord's limits, which are a guild's, decide the pace; more would only grow the time between look and act. */
const GUILD_AT_ONCE = 4

interface Job {
  readonly key: string
  readonly lane: Lane
  readonly task: () => Promise<void>
  readonly finished: PromiseWithResolvers<void>
}

/** A key that found no place: the lane is full, or the queue is closed. */
export class LaneFull extends Error {
  override readonly name = 'LaneFull'
}

/** Runs tasks by lane, one at a time a key, a few at once. A key that already waits in a lane is not added twice. */
export class Queue {
  readonly #waiting: Readonly<Record<Lane, Map<string, Job>>> = {
    live: new Map(),
    command: new Map(),
    sweep: new Map(),
  }
  readonly #busy = new Map<string, Promise<void>>()
  /** Tasks under way by place: the live lane's, and each guild's. */
  readonly #places = new Map<string, number>()
  #closed = false

  /** Resolves when the key's task has ended; rejects with what the task threw, or with `LaneFull`. */
  add(key: string, lane: Lane, task: () => Promise<void>): Promise<void> {
    const line = this.#waiting[lane]
    const before = line.get(key)
    if (before) return before.finished.promise
    if (line.size >= MAX_WAITING || this.#closed) return Promise.reject(new LaneFull(`no place in the ${lane} lane`))
    const job: Job = { key, lane, task, finished: Promise.withResolvers() }
    line.set(key, job)
    this.#turn()
    return job.finished.promise
  }

  /** How many keys wait, for those who show it. */
  get waiting(): number {
    return LANES.reduce((sum, lane) => sum + this.#waiting[lane].size, 0)
  }

  /** Takes in no more, lets go of what waits, and resolves when what is in hand has ended. */
  async close(): Promise<void> {
    this.#closed = true
    for (const lane of LANES) {
      for (const job of this.#waiting[lane].values()) job.finished.reject(new LaneFull('the queue was closed'))
      this.#waiting[lane].clear()
    }
    await Promise.all(this.#busy.values())
  }

  #turn(): void {
    for (let job = this.#next(); job; job = this.#next()) {
      this.#waiting[job.lane].delete(job.key)
      this.#take(placeOf(job), 1)
      // Busy before it begins: a task may add its own key again.
      this.#busy.set(job.key, Promise.resolve())
      this.#busy.set(job.key, this.#work(job))
    }
  }

  /** The first key of the first lane that has a place and that nobody is at work on. */
  #next(): Job | undefined {
    for (const lane of LANES) {
      // A full live lane may be long, and none of it has a place.
      if (lane === 'live' && !this.#hasRoom(lane, LIVE_PLACE)) continue
      for (const job of this.#waiting[lane].values()) {
        if (this.#hasRoom(lane, placeOf(job)) && !this.#busy.has(job.key)) return job
      }
    }
    return undefined
  }

  #hasRoom(lane: Lane, place: string): boolean {
    return (this.#places.get(place) ?? 0) < (lane === 'live' ? LIVE_AT_ONCE : GUILD_AT_ONCE)
  }

  #take(place: string, change: 1 | -1): void {
    const now = (this.#places.get(place) ?? 0) + change
    if (now > 0) this.#places.set(place, now)
    else this.#places.delete(place)
  }

  async #work(job: Job): Promise<void> {
    try {
      await job.task()
      job.finished.resolve()
    } catch (error) {
      job.finished.reject(error)
    } finally {
      this.#busy.delete(job.key)
      this.#take(placeOf(job), -1)
      this.#turn()
    }
  }
}

/** The key of a member in a guild. */
export const memberKey = (guildId: string, memberId: string): string => `${guildId}/${memberId}`

const LIVE_PLACE = 'live'
const placeOf = ({ key, lane }: Job): string => (lane === 'live' ? LIVE_PLACE : (key.split('/')[0] ?? key))
