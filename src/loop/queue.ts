import { carried } from '#src/telemetry/context.ts'
import { type Job, type Lane, Line, type Turn } from './line.ts'

// Who is looked at, and in what order. Only a key waits in line; what is to be known of it is read when its turn comes.

export type { Turn }

/** Live work goes before commands, commands before sweeps: a long run must not delay a hand-given role. */
const LANES: readonly Lane[] = ['live', 'command', 'sweep']

/** Keys that may wait in one lane. Past it a key is refused, and the next full look finds the member. */
const MAX_WAITING = 200_000
/** Live looks at once, in all guilds. They have places of their own, so that acts that wait at Discord's door never hold them up. */
const LIVE_AT_ONCE = 4
/**
 * Members of one guild that are acted on at once, by runs and in real time each. Discord's limits, which are a guild's, decide the pace; more
 * would only grow the time between look and act.
 */
const GUILD_AT_ONCE = 4
/** Live looks of one guild that have come to an act and wait for a place to make it. Each holds what it saw, which ages. */
const MAX_TO_ACT = 1_000

interface ToAct {
  readonly job: Job
  readonly ready: PromiseWithResolvers<void>
}

/** A key that found no place: the lane is full, or the queue is closed. */
export class LaneFull extends Error {
  override readonly name = 'LaneFull'
}

/** Runs tasks by lane, one at a time a key, a few at once. A key that already waits in a lane is not added twice. */
export class Queue {
  readonly #waiting: Readonly<Record<Lane, Line>> = { live: new Line(), command: new Line(), sweep: new Line() }
  readonly #busy = new Map<string, Promise<void>>()
  /** Tasks under way by place: the live lane's, and of each guild those of runs and those in real time. */
  readonly #places = new Map<string, number>()
  /** Live looks that have come to an act, by the place that they wait for, the first come first. */
  readonly #toAct = new Map<string, ToAct[]>()
  #closed = false

  /** Resolves when the key's task has ended; rejects with what the task threw, or with `LaneFull`. */
  add(key: string, lane: Lane, task: (turn: Turn) => Promise<void>): Promise<void> {
    const line = this.#waiting[lane]
    const before = line.find(key, placeOf(key, lane))
    if (before) return before.finished.promise
    if (line.size >= MAX_WAITING || this.#closed) return Promise.reject(new LaneFull(`no place in the ${lane} lane`))
    const job: Job = { key, lane, task: carried(task), finished: Promise.withResolvers(), place: null }
    line.add(job, placeOf(key, lane))
    this.#turn()
    return job.finished.promise
  }

  /** Whether anybody waits to be looked at or acted on in real time, or is. */
  get isLive(): boolean {
    return this.#waiting.live.size + this.#toAct.size > 0 || [...this.#places.keys()].some(isOfLive)
  }

  /** How many keys wait, for those who show it. */
  get waiting(): number {
    return LANES.reduce((sum, lane) => sum + this.#waiting[lane].size, 0)
  }

  /** Takes in no more, lets go of what waits, and resolves when what is in hand has ended. */
  async close(): Promise<void> {
    this.#closed = true
    const closed = new LaneFull('the queue was closed')
    for (const lane of LANES) for (const job of this.#waiting[lane].empty()) job.finished.reject(closed)
    for (const line of this.#toAct.values()) for (const { ready } of line) ready.reject(closed)
    this.#toAct.clear()
    await Promise.all(this.#busy.values())
  }

  #turn(): void {
    for (let job = this.#next(); job; job = this.#next()) {
      this.#waiting[job.lane].drop(job, placeOf(job.key, job.lane))
      this.#take(job, placeOf(job.key, job.lane))
      // Busy before it begins, since a task may add its own key again, and no longer once it has ended, which may be at once.
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      this.#busy.set(job.key, ended)
      void this.#work(job).then(resolve)
    }
  }

  /** The first key of the first lane that has a place and that nobody is at work on. */
  #next(): Job | undefined {
    for (const lane of LANES) {
      const job = this.#waiting[lane].first(
        (place) => this.#hasRoom(place),
        (key) => !this.#busy.has(key),
      )
      if (job) return job
    }
    return undefined
  }

  #hasRoom(place: string): boolean {
    return (this.#places.get(place) ?? 0) < (place === LIVE_PLACE ? LIVE_AT_ONCE : GUILD_AT_ONCE)
  }

  #take(job: Job, place: string): void {
    job.place = place
    this.#places.set(place, (this.#places.get(place) ?? 0) + 1)
  }

  #leave(job: Job): void {
    if (job.place === null) return
    const left = (this.#places.get(job.place) ?? 0) - 1
    if (left > 0) this.#places.set(job.place, left)
    else this.#places.delete(job.place)
    this.#letOneAct(job.place)
    job.place = null
  }

  async #goOnToAct(job: Job, onWait?: () => void): Promise<void> {
    if (job.place !== LIVE_PLACE) return
    const place = actPlaceOf(job.key)
    const line = this.#toAct.get(place) ?? []
    if (line.length >= MAX_TO_ACT || this.#closed) throw new LaneFull('no place to act')
    const ready = Promise.withResolvers<void>()
    line.push({ job, ready })
    this.#toAct.set(place, line)
    this.#leave(job)
    this.#letOneAct(place)
    this.#turn()
    if (job.place === null) onWait?.()
    await ready.promise
  }

  /** The first who waits for this place gets it, where it is free. */
  #letOneAct(place: string): void {
    const line = this.#toAct.get(place)
    if (!line || !this.#hasRoom(place)) return
    const first = line.shift()
    if (line.length === 0) this.#toAct.delete(place)
    if (!first) return
    this.#take(first.job, place)
    first.ready.resolve()
  }

  async #work(job: Job): Promise<void> {
    try {
      await job.task({ act: (onWait) => this.#goOnToAct(job, onWait) })
      job.finished.resolve()
    } catch (error) {
      job.finished.reject(error)
    } finally {
      this.#busy.delete(job.key)
      this.#leave(job)
      this.#turn()
    }
  }
}

/** The key of a member in a guild. */
export const memberKey = (guildId: string, memberId: string): string => `${guildId}/${memberId}`

const LIVE_PLACE = 'live'
const guildPart = (key: string): string => key.split('/')[0] ?? key
const isOfLive = (place: string): boolean => place === LIVE_PLACE || place.endsWith(`/${LIVE_PLACE}`)
const placeOf = (key: string, lane: Lane): string => (lane === 'live' ? LIVE_PLACE : guildPart(key))
const actPlaceOf = (key: string): string => `${guildPart(key)}/live`
