import type { Allowance } from './allowance.ts'
import type { Bucket } from './bucket.ts'
import { type Errand, ended, LANES, type Lane, LONGEST_LIMIT_MS, type Step } from './errand.ts'

/** Writes of one line that are in flight at once: as many as a window of Discord's holds, so that a slow answer holds up nobody. */
export const MOST_IN_FLIGHT = 10

/** The longest time before its turn at which an errand is asked after; what takes longer to answer delays the turn. */
const MOST_LOOK_AHEAD_MS = 500
/** How slowly a line forgets that an answer took long. */
const FORGETTING = 0.9

const TOO_LONG = ended(
  'failed',
  'Discord asks for a longer pause (rate limit) than is waited for. Nothing was changed. It passes by itself; try again in some minutes.',
)

/** What a line needs of the room it stands in. */
export interface LineRoom {
  /** Milliseconds that only ever grow. */
  now(): number
  /** What forbids every act for now; null: nothing. */
  obstacle(): Step | null
  /** Whether the look at its member is one from just now. */
  isFresh(errand: Errand): boolean
  /** Whether the act is still wanted: null, or the step it ends with. Never rejects. */
  ask(errand: Errand): Promise<Step | null>
  /** Sends it once, by one of `MOST_IN_FLIGHT` hands. Never rejects. */
  send(errand: Errand, hand: number): Promise<Step>
  /** Whether another write on the same member is under way. */
  isFlying(errand: Errand): boolean
  takeOff(errand: Errand): void
  land(errand: Errand): void
}

interface Place {
  readonly errand: Errand
  readonly end: (step: Step) => void
  state: 'waiting' | 'asking' | 'sending'
}

/**
 * Those who wait for one limit of Discord's in one guild: the more urgent lane first, in a lane who came first. Nobody holds the head of the line
 * while waiting: who goes is decided when there is room. Whoever waited is asked after anew, so early that the answer comes with the turn.
 */
export class Line {
  readonly #bucket: Bucket
  readonly #allowance: Allowance
  readonly #room: LineRoom
  readonly #lanes: Readonly<Record<Lane, Set<Place>>> = { live: new Set(), command: new Set(), sweep: new Set() }
  readonly #hands = Array.from({ length: MOST_IN_FLIGHT }, (_, hand) => hand)
  #lookAhead = 0
  #timer: NodeJS.Timeout | undefined

  constructor(bucket: Bucket, allowance: Allowance, room: LineRoom) {
    this.#bucket = bucket
    this.#allowance = allowance
    this.#room = room
  }

  get isEmpty(): boolean {
    return LANES.every((lane) => this.#lanes[lane].size === 0)
  }

  /** One try: the errand stands here until it was sent and answered, or is not to be sent (any more). */
  take(errand: Errand): Promise<Step> {
    const { promise, resolve } = Promise.withResolvers<Step>()
    const place: Place = { errand, end: resolve, state: 'waiting' }
    this.#lanes[errand.lane].add(place)
    this.serve()
    if (place.state === 'waiting') {
      errand.age()
      this.serve()
    }
    return promise
  }

  /** The member of this errand is about to be changed: whoever else was asked after them must be asked again. */
  age(errand: Errand): void {
    for (const place of this.#places())
      if (place.errand !== errand && place.errand.member === errand.member) place.errand.age()
  }

  /** Lets through whoever may go, and wakes again when the next may. */
  serve(): void {
    clearTimeout(this.#timer)
    const obstacle = this.#room.obstacle()
    if (obstacle) {
      this.#turnAway(obstacle)
      return
    }
    const wakeIn = this.#letThrough(this.#room.now())
    if (wakeIn !== null) this.#timer = setTimeout(() => this.serve(), Math.ceil(wakeIn))
  }

  /** When somebody's turn comes, in ms; null: an answer under way tells, or nobody waits. */
  #letThrough(now: number): number | null {
    let before = 0
    let wakeIn: number | null = null
    for (const place of this.#places()) {
      if (place.state === 'sending' || this.#room.isFlying(place.errand)) continue
      const due = this.#dueIn(now, place.errand, before)
      if (due === null) return wakeIn
      if (due > LONGEST_LIMIT_MS && before === 0) {
        this.#end(place, TOO_LONG)
        continue
      }
      if (due > this.#lookAhead) return Math.min(wakeIn ?? due, due - this.#lookAhead)
      const isReady = place.state === 'waiting' && this.#room.isFresh(place.errand)
      if (isReady && due <= 0) {
        void this.#send(place)
        continue
      }
      before++
      if (isReady) wakeIn ??= due
      else if (place.state === 'waiting') void this.#ask(place)
    }
    return wakeIn
  }

  #dueIn(now: number, { lane }: Errand, before: number): number | null {
    if (this.#hands.length <= before) return null
    const urgent = lane === 'live'
    const due = this.#bucket.dueIn(now, urgent, before)
    return due === null ? null : Math.max(due, this.#allowance.dueIn(now, urgent))
  }

  async #ask(place: Place): Promise<void> {
    place.state = 'asking'
    const from = this.#room.now()
    const no = await this.#room.ask(place.errand)
    const took = this.#room.now() - from
    this.#lookAhead = Math.min(MOST_LOOK_AHEAD_MS, Math.max(took, this.#lookAhead * FORGETTING))
    place.state = 'waiting'
    if (no) this.#end(place, no)
    this.serve()
  }

  async #send(place: Place): Promise<void> {
    const { errand } = place
    const hand = this.#hands.pop() ?? 0
    place.state = 'sending'
    this.#bucket.take(this.#room.now())
    this.#allowance.take(this.#room.now())
    this.#room.takeOff(errand)
    const step = await this.#room.send(errand, hand)
    this.#hands.push(hand)
    this.#bucket.land(step.outcome === 'done')
    if (this.#mustWait(errand, step)) {
      errand.age()
      place.state = 'waiting'
    } else this.#end(place, step)
    this.#room.land(errand)
  }

  /** Closes what Discord told to be closed; true where this errand then waits for it, in its place. */
  #mustWait(errand: Errand, { limit }: Step): boolean {
    if (!limit) return false
    const closed = limit.global ? this.#allowance : this.#bucket
    closed.close(this.#room.now() + limit.ms)
    return errand.mayWait(limit.ms)
  }

  #turnAway(obstacle: Step): void {
    for (const place of this.#places()) if (place.state !== 'sending') this.#end(place, obstacle)
  }

  #end(place: Place, step: Step): void {
    this.#lanes[place.errand.lane].delete(place)
    place.end(step)
  }

  *#places(): Generator<Place> {
    for (const lane of LANES) yield* this.#lanes[lane]
  }
}
