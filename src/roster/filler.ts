import type { Id } from '#src/core/model.ts'
import type { RosterChange } from './change.ts'
import type { Fill } from './fill.ts'
import type { KeeperWorld } from './keeper-world.ts'
import { readMember, readRateLimit } from './payloads.ts'
import type { Roster } from './roster.ts'

/** Discord takes one request for all members of a guild in 30 seconds (its `RATE_LIMITED` event says so otherwise). */
export const ASK_WINDOW_MS = 30_000
/** No new chunk for this long: one was lost, or the question was. */
export const SILENCE_MS = 15_000
/** Questions without a whole answer, one after the other, before the pages are read instead. */
export const ASK_TRIES = 3
/** The wait after the first failure; it doubles with each further one. */
export const BACK_OFF_MS = 1_000
export const MAX_BACK_OFF_MS = 300_000
/** A thousand members a page: a guild larger than any. */
const MAX_PAGES = 50_000

export type FillBy = 'chunks' | 'pages'

/** Reads the whole member list into the roster, again and again with growing waits until it is whole. One reading at a time. */
export class Filler {
  readonly #roster: Roster
  readonly #world: KeeperWorld
  readonly #prefers: FillBy
  readonly #told: (changes: readonly RosterChange[]) => void
  /** The reading under way. Whoever waited for an answer to another one lets go. */
  #fill: Fill | null = null
  #callOff: (() => void) | null = null
  #askedAt = Number.NEGATIVE_INFINITY
  #asked = 0
  #failures = 0
  #note: string | null = null

  /** `told` hears what a reading changed. */
  constructor(roster: Roster, world: KeeperWorld, prefers: FillBy, told: (changes: readonly RosterChange[]) => void) {
    this.#roster = roster
    this.#world = world
    this.#prefers = prefers
    this.#told = told
  }

  /** Why the last reading came to nothing, for a person to read; null where none did. */
  get note(): string | null {
    return this.#note
  }

  /** Begins a reading where the roster needs one and none is under way or waited for; notices where the one under way is over. */
  steer(): void {
    if (this.#fill !== null && this.#roster.fill !== this.#fill) this.#notice()
    const wanted = this.#roster.available && this.#roster.state !== 'live'
    if (wanted && this.#fill === null && this.#callOff === null) this.#schedule(this.#delay())
  }

  /** Gives up what is under way or waited for, as a thing of the past: it was no failure. */
  reset(): void {
    this.#giveUp()
    this.#failures = 0
    this.#note = null
  }

  /** Discord refuses the question for now, and says for how long. */
  rateLimited(d: unknown): void {
    const read = readRateLimit(d)
    const source = this.#fill?.source
    if (read?.guildId !== this.#roster.guildId || source?.by !== 'chunks') return
    if (read.nonce !== null && read.nonce !== source.nonce) return
    this.#fail(`Discord listed no members: it asks to wait ${Math.ceil(read.retryAfterMs / 1000)} s first`)
    this.#schedule(Math.min(read.retryAfterMs, MAX_BACK_OFF_MS))
  }

  get #by(): FillBy {
    if (this.#prefers === 'pages') return 'pages'
    return this.#failures % (ASK_TRIES + 1) < ASK_TRIES ? 'chunks' : 'pages'
  }

  /** How long until the next reading may begin. */
  #delay(): number {
    const backOff = this.#failures === 0 ? 0 : BACK_OFF_MS * 2 ** (this.#failures - 1)
    const window = this.#by === 'chunks' ? this.#askedAt + ASK_WINDOW_MS - this.#world.clock.now() : 0
    return Math.max(0, Math.min(backOff, MAX_BACK_OFF_MS), window)
  }

  #schedule(milliseconds: number): void {
    this.#callOff?.()
    this.#callOff = this.#world.clock.after(milliseconds, () => {
      this.#callOff = null
      this.#begin()
    })
  }

  #begin(): void {
    const nonce = `${this.#roster.guildId}.${(this.#asked++).toString(36)}`
    const { fill, changes } = this.#roster.beginFill(this.#by === 'chunks' ? { by: 'chunks', nonce } : { by: 'pages' })
    this.#fill = fill
    this.#told(changes)
    const reading = fill.source.by === 'chunks' ? this.#ask(fill, nonce) : this.#readPages(fill)
    reading.catch((problem: unknown) => this.#failed(fill, toSentence(problem)))
  }

  async #ask(fill: Fill, nonce: string): Promise<void> {
    this.#askedAt = this.#world.clock.now()
    await this.#world.askMembers(this.#roster.guildId, nonce)
    this.#askedAt = this.#world.clock.now()
    if (this.#fill === fill) this.#watch(fill, fill.tally.seen)
  }

  /** Silence is a lost chunk, or a question that was lost on its way: a connection that is being resumed drops it without a word. */
  #watch(fill: Fill, seen: number): void {
    this.#callOff = this.#world.clock.after(SILENCE_MS, () => {
      this.#callOff = null
      if (fill.tally.seen > seen) this.#watch(fill, fill.tally.seen)
      else this.#failed(fill, `Discord stopped after ${seen} chunks of the member list`)
    })
  }

  async #readPages(fill: Fill): Promise<void> {
    let after: Id = '0'
    for (let page = 0; page < MAX_PAGES; page++) {
      const members = await this.#world.listMembers(this.#roster.guildId, after)
      if (this.#fill !== fill) return
      this.#told(members.length === 0 ? this.#roster.endFill(this.#world.clock.now()) : this.#roster.takePage(members))
      if (this.#roster.fill !== fill) return this.steer()
      after = lastId(members, after)
    }
    throw new Error('the member list has no end')
  }

  /** The roster is done with the reading: it is whole, or the roster dropped it. */
  #notice(): void {
    if (this.#roster.state === 'live') this.reset()
    else this.#fail(this.#roster.doubt ?? 'the member list was given up')
  }

  #failed(fill: Fill, why: string): void {
    if (this.#fill !== fill) return
    this.#fail(why)
    this.steer()
  }

  #fail(why: string): void {
    this.#failures++
    this.#note = why
    this.#giveUp()
  }

  #giveUp(): void {
    this.#rest()
    this.#roster.dropFill()
  }

  #rest(): void {
    this.#callOff?.()
    this.#callOff = null
    this.#fill = null
  }
}

/** The greatest id of the page, where the next one begins. Throws where that is no further than before: the list would never end. */
function lastId(members: readonly unknown[], after: Id): Id {
  const last = members.reduce<Id>((furthest, value) => {
    const id = readMember(value)?.id
    return id !== undefined && isAfter(id, furthest) ? id : furthest
  }, after)
  if (last === after) throw new Error('the member list goes in circles')
  return last
}

function isAfter(id: Id, other: Id): boolean {
  return id.length === other.length ? id > other : id.length > other.length
}

const LONGEST_NOTE = 200

function toSentence(problem: unknown): string {
  return Array.from(problem instanceof Error ? problem.message : String(problem))
    .slice(0, LONGEST_NOTE)
    .join('')
}
