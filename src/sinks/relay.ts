import type { Id } from '#src/core/model.ts'
import type { Db } from '#src/store/handle.ts'
import type { Log } from '#src/telemetry/log.ts'
import { Ahead } from './ahead.ts'
import { type Attempt, Caller } from './attempt.ts'
import type { Clock } from './clock.ts'
import { advance, findCursors, type Parked, type SinkState } from './cursors.ts'
import { type SentLine, toEvent } from './envelope.ts'
import { linesOf } from './lines.ts'
import { Notes } from './notes.ts'
import { settleAgain, wantedAgain } from './parked.ts'
import { Place } from './place.ts'
import type { Sink } from './sink.ts'
import { Waiters } from './waiters.ts'

export interface RelayParts {
  readonly db: Db
  /** The uuid of this installation. */
  readonly installation: string
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly log: Log
  /** Takes secrets out of what a sink says. */
  readonly scrub: (text: string) => string
  /** An error of the database in words that hold nothing of what was asked. */
  readonly toFault: (error: unknown) => unknown
  /** False from the moment at which another bot may act: this one then delivers nothing more. */
  readonly mayAct: () => boolean
}

/** Which lines are the sink's. */
export type Wants = (line: { readonly type: string; readonly guildId: Id | null }) => boolean

/** Lines of one call where the sink says nothing else. */
const MOST = 500
/** How long a call may take. */
const CALL_MS = 30_000
/** How long a relay waits after the database failed it. */
const DATABASE_MS = 1_000
/** How long a call that is under way may still take once the relay is to end. */
const LAST_CALL_MS = 3_000

/**
 * Brings the record to one sink: each chain in order, at least once, never past a line that is neither delivered nor parked. It works alone, so that whatever
 * its sink does holds up nobody else.
 */
export class Relay {
  readonly name: string
  readonly #parts: RelayParts
  readonly #wants: Wants
  readonly #sink: Sink
  readonly #caller: Caller
  /** In the order in which they have their turns. */
  readonly #places = new Map<string, Place>()
  /** Parked lines that are to be tried again have a turn of their own. */
  readonly #again: Place
  readonly #ahead: Ahead
  readonly #notes: Notes
  readonly #waiters = new Waiters()
  readonly #ending = new AbortController()
  #retriedAt: number | null | undefined
  #isOff = false
  #isMoved = false
  #databaseBackAt = 0
  #over = false
  #wake = () => {}
  #running: Promise<void> = Promise.resolve()

  /** `cursors`: how far the sink has got in each chain. */
  constructor(sink: Sink, wants: Wants, cursors: ReadonlyMap<string, number>, parts: RelayParts) {
    this.name = sink.name
    this.#sink = sink
    this.#wants = wants
    this.#parts = parts
    this.#caller = new Caller(sink, parts.scrub)
    this.#ahead = new Ahead(parts.db)
    this.#notes = new Notes(sink.name, parts)
    this.#again = new Place('', 0, this.#most)
    for (const [chain, seq] of cursors) this.#places.set(chain, new Place(chain, seq, this.#most))
  }

  get #most(): number {
    return Math.max(1, Math.min(this.#sink.most ?? MOST, MOST))
  }

  begin(): void {
    this.#running = this.#run()
  }

  /** Tells how long the chains are by now and how the sink stands; what is new is taken up at once. */
  tell(heads: ReadonlyMap<string, number>, state: SinkState): void {
    // What was read just before the sink was switched off does not switch it on again: only an operator does.
    this.#isOff = state.isOff || (this.#isOff && this.#retriedAt === state.retriedAt)
    this.#notes.isTroubled = state.isTroubled
    if (this.#retriedAt !== state.retriedAt) this.#takeUpAgain()
    this.#retriedAt = state.retriedAt
    this.grow(heads)
    this.#lookForArrivals()
  }

  /** Tells how long the chains are by now, and nothing else. */
  grow(heads: ReadonlyMap<string, number>): void {
    for (const [chain, head] of heads) this.#placeIn(chain).head = head
    this.#wake()
  }

  /** Lets a call that is under way end, for a few seconds at most. */
  async end(): Promise<void> {
    this.#over = true
    this.#wake()
    const callOff = this.#parts.clock.after(LAST_CALL_MS, () => this.#ending.abort())
    await this.#running
    callOff()
    this.#waiters.look(() => true)
    await this.#close()
  }

  /** However a sink ends, the bot does. */
  async #close(): Promise<void> {
    const { clock, log, toFault } = this.#parts
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const callOff = clock.after(LAST_CALL_MS, resolve)
    try {
      await Promise.race([this.#sink.close?.(), late])
    } catch (error) {
      log.warn({ sink: this.name, error: toFault(error) }, 'A sink failed when it was closed.')
    } finally {
      callOff()
    }
  }

  /** Whether everything up to this line is delivered or parked, or is not going to be for as long as the sink is off. */
  hasReached(chain: string, seq: number): boolean {
    return this.#isOff || (this.#places.get(chain)?.seq ?? 0) >= seq
  }

  /** Resolves once that is so, and at the latest when the signal says so. */
  async reaches(chain: string, seq: number, signal: AbortSignal): Promise<void> {
    if (!this.hasReached(chain, seq)) await this.#waiters.wait(chain, seq, signal)
  }

  #lookForArrivals(): void {
    this.#waiters.look((chain, seq) => this.hasReached(chain, seq))
  }

  #placeIn(chain: string): Place {
    const known = this.#places.get(chain)
    if (known) return known
    const made = new Place(chain, 0, this.#most)
    this.#places.set(chain, made)
    return made
  }

  /** Also the first time: somebody may have asked for it while no bot was there. */
  #takeUpAgain(): void {
    this.#again.head = this.#again.seq + 1
    this.#again.beginAnew()
    for (const place of this.#places.values()) place.beginAnew()
    this.#isMoved = true
  }

  /** Somebody may have moved the cursors on past what this sink does not take. */
  async #findPlaces(): Promise<void> {
    for (const [chain, seq] of await findCursors(this.#parts.db, this.name)) this.#placeIn(chain).seq = seq
    this.#isMoved = false
    this.#ahead.forget()
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      const place = this.#next()
      if (place === null) await this.#rest()
      else await this.#take(place)
    }
  }

  #isDue = (place: Place): boolean => place.hasMore && place.notBefore <= this.#parts.clock.now()

  #next(): Place | null {
    const now = this.#parts.clock.now()
    if (this.#isOff || now < this.#databaseBackAt || !this.#parts.mayAct()) return null
    if (this.#isDue(this.#again)) return this.#again
    return [...this.#places.values()].find(this.#isDue) ?? null
  }

  /** Until somebody tells something, or the next pause is over. */
  async #rest(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const { clock } = this.#parts
    const waiting = [this.#again, ...this.#places.values()].filter(({ hasMore }) => hasMore)
    const at = Math.max(this.#databaseBackAt, Math.min(...waiting.map(({ notBefore }) => notBefore)))
    const mayWait = this.#isOff || !Number.isFinite(at) || at <= clock.now()
    const callOff = mayWait ? () => {} : clock.after(at - clock.now(), resolve)
    await promise
    callOff()
  }

  async #take(place: Place): Promise<void> {
    try {
      if (this.#isMoved) await this.#findPlaces()
      else if (place === this.#again) await this.#tryAgain()
      else await this.#carry(place)
    } catch (error) {
      const { log, clock, toFault } = this.#parts
      this.#databaseBackAt = clock.now() + DATABASE_MS
      log.warn({ sink: this.name, error: toFault(error) }, 'What a sink is to be given cannot be read at the moment.')
    }
    // Whoever had a turn is last in line.
    if (this.#places.delete(place.chain)) this.#places.set(place.chain, place)
    this.#lookForArrivals()
  }

  async #carry(place: Place): Promise<void> {
    const { db, clock } = this.#parts
    const { chain } = place
    const lines = await this.#ahead.take(chain, place.seq, place.size)
    const last = lines.at(-1)
    if (last === undefined) {
      place.head = place.seq
      return
    }
    if (last.seq < place.head) this.#ahead.begin(chain, last.seq, place.size)
    const wanted = lines.filter((line) => this.#wants(line))
    const attempt = await this.#call(wanted)
    if (attempt.kind !== 'delivered') return await this.#failed(place, attempt)
    const parked = parkedOf(wanted, attempt.refused)
    const deliveredAt = wanted.length > parked.length ? clock.now() : null
    const step = { sink: this.name, chain, from: place.seq, to: last.seq, deliveredAt, parked }
    const moved = await advance(db, step, clock.now())
    place.seq = moved ? last.seq : ((await findCursors(db, this.name)).get(chain) ?? 0)
    if (wanted.length > 0) await this.#succeeded(place, parked)
  }

  async #tryAgain(): Promise<void> {
    const { db, clock } = this.#parts
    const again = await wantedAgain(db, this.name, this.#again.size)
    if (again === null) {
      this.#again.seq = this.#again.head
      return
    }
    const lines = await linesOf(db, again.chain, again.numbers)
    const attempt = await this.#call(lines)
    if (attempt.kind !== 'delivered') return await this.#failed(this.#again, attempt)
    const parked = parkedOf(lines, attempt.refused)
    await settleAgain(db, this.name, again, parked, clock.now())
    await this.#succeeded(this.#again, parked)
  }

  async #call(lines: readonly SentLine[]): Promise<Attempt> {
    if (lines.length === 0) return NOTHING_TO_SAY
    const { clock, installation } = this.#parts
    const timeUp = new AbortController()
    const callOff = clock.after(CALL_MS, () => timeUp.abort())
    const signal = AbortSignal.any([timeUp.signal, this.#ending.signal])
    const events = lines.map((line) => toEvent(line, installation))
    return await this.#caller.call(events, signal).finally(callOff)
  }

  async #succeeded(place: Place, parked: readonly Parked[]): Promise<void> {
    place.succeeded()
    this.#notes.parked(parked)
    // One chain may be stuck while the others go on.
    if ([this.#again, ...this.#places.values()].every(({ failed }) => failed === 0)) await this.#notes.recovered()
  }

  async #failed(place: Place, attempt: Exclude<Attempt, { readonly kind: 'delivered' }>): Promise<void> {
    const { clock, random } = this.#parts
    const now = clock.now()
    this.#ahead.forget()
    if (attempt.kind === 'gone') {
      this.#isOff = true
      return await this.#notes.gone(attempt.why, now)
    }
    const pauseMs = place.hasFailed(now, attempt.retryAfterMs, random)
    await this.#notes.troubled(place.chain, place.failed, attempt.why, pauseMs, now)
  }
}

const NOTHING_TO_SAY: Attempt = { kind: 'delivered', refused: new Map() }

function parkedOf(lines: readonly SentLine[], refused: ReadonlyMap<string, string>): readonly Parked[] {
  return lines.flatMap(({ id, seq }) => {
    const reason = refused.get(id)
    return reason === undefined ? [] : [{ seq, lineId: id, reason }]
  })
}
