import { type SinkFilter, type SinkSettings, wants } from '#src/core/sink-plan.ts'
import type { SinkState } from './cursors.ts'
import { findCursors, findStates, installationId, meet } from './cursors.ts'
import { findHeads } from './lines.ts'
import { Relay, type RelayParts } from './relay.ts'
import type { Sink } from './sink.ts'

/** A sink with what it is to get. */
export interface Outlet {
  readonly sink: Sink
  readonly filter: SinkFilter
}

export interface RelaysParts extends Omit<RelayParts, 'installation'> {
  readonly from: SinkSettings['from']
}

/** What nobody announced is found within this time. */
const LOOK_MS = 1_000
/** What was announced is about to be committed. */
const SOON_MS = 20

const UNKNOWN: SinkState = { isOff: false, isTroubled: false, retriedAt: null }

/** All relays of this bot, and the one look for all of them at how long the chains are. */
export class Relays {
  readonly #parts: RelaysParts
  readonly #relays: readonly Relay[]
  #look: Promise<void> | null = null
  #callOff = () => {}
  #isSoon = false
  #failed = false
  #over = false

  private constructor(parts: RelaysParts, relays: readonly Relay[]) {
    this.#parts = parts
    this.#relays = relays
  }

  /** Begins to deliver. A sink that was never seen before begins as `from` says. */
  static async begin(outlets: readonly Outlet[], parts: RelaysParts): Promise<Relays> {
    const { db, clock, from } = parts
    const installation = await installationId(db)
    const relays: Relay[] = []
    for (const { sink, filter } of outlets) {
      await meet(db, sink.name, from, clock.now())
      const cursors = await findCursors(db, sink.name)
      relays.push(new Relay(sink, (line) => wants(filter, line), cursors, { ...parts, installation }))
    }
    const made = new Relays(parts, relays)
    if (relays.length > 0) made.#begin()
    return made
  }

  /** Something is about to stand in the record. */
  stir(): void {
    if (this.#isSoon || this.#relays.length === 0) return
    this.#isSoon = true
    this.#lookIn(SOON_MS)
  }

  /**
   * Waits until these sinks have what the chain holds by now behind them (delivered, parked, or switched off), for so long at most. Returns the names of those
   * that have not.
   */
  async arrival(chain: string, sinks: ReadonlySet<string>, withinMs: number): Promise<readonly string[]> {
    const { db, clock } = this.#parts
    const timeUp = new AbortController()
    const callOff = clock.after(withinMs, () => timeUp.abort())
    const heads = await findHeads(db)
    const head = heads.get(chain) ?? 0
    const awaited = this.#relays.filter(({ name }) => sinks.has(name))
    for (const relay of awaited) relay.grow(heads)
    await Promise.all(awaited.map((relay) => relay.reaches(chain, head, timeUp.signal)))
    callOff()
    return awaited.filter((relay) => !relay.hasReached(chain, head)).map(({ name }) => name)
  }

  /** Calls that are under way may end, for a few seconds. */
  async end(): Promise<void> {
    this.#over = true
    this.#callOff()
    await this.#look
    await Promise.all(this.#relays.map((relay) => relay.end()))
  }

  #begin(): void {
    for (const relay of this.#relays) relay.begin()
    this.#lookIn(0)
  }

  #lookIn(milliseconds: number): void {
    this.#callOff()
    if (this.#over) return
    this.#callOff = this.#parts.clock.after(milliseconds, () => {
      this.#isSoon = false
      this.#look ??= this.#lookNow().finally(() => {
        this.#look = null
        if (!this.#isSoon) this.#lookIn(LOOK_MS)
      })
    })
  }

  async #lookNow(): Promise<void> {
    const { db, log, toFault } = this.#parts
    try {
      const [heads, states] = [await findHeads(db), await findStates(db)]
      for (const relay of this.#relays) relay.tell(heads, states.get(relay.name) ?? UNKNOWN)
      this.#failed = false
    } catch (error) {
      // The database may stay away for long; once is enough to say so.
      if (!this.#failed) log.warn({ error: toFault(error) }, 'What is new in the record cannot be seen at the moment.')
      this.#failed = true
    }
  }
}
