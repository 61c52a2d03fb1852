import type { Delivery, OutEvent } from './sink.ts'

/** Of one chain; beyond this the memory is given up, and what comes again is sent twice. A call has 500 events at most. */
const REMEMBERED = 1_000

/**
 * What became of each event so far, for sinks that send several requests a call. A call that breaks off in the middle counts as nothing delivered and
 * its events come again, maybe fewer at a time; what the other side has taken already, or will never take, is then not sent a second time.
 */
export class Settled {
  /** Of each chain in whose calls one broke off: the reason why an event was not taken, or null where it was. */
  readonly #chains = new Map<string, Map<string, string | null>>()

  begin(events: readonly OutEvent[]): SettledCall {
    const chain = events[0]?.source ?? ''
    const became = this.#of(chain)
    const note = (reason: string | null) => (some: readonly OutEvent[]) => {
      for (const { id } of some) became.set(id, reason)
    }
    return {
      open: events.filter(({ id }) => !became.has(id)),
      delivered: note(null),
      refused: (some, reason) => note(reason)(some),
      end: () => {
        const refused = events.flatMap(({ id }) => {
          const reason = became.get(id) ?? null
          became.delete(id)
          return reason === null ? [] : { id, reason }
        })
        if (became.size === 0) this.#chains.delete(chain)
        return { refused }
      },
    }
  }

  #of(chain: string): Map<string, string | null> {
    const known = this.#chains.get(chain)
    if (known && known.size <= REMEMBERED) return known
    const made = new Map<string, string | null>()
    this.#chains.set(chain, made)
    return made
  }
}

export interface SettledCall {
  /** What is still to be sent. */
  readonly open: readonly OutEvent[]
  delivered(events: readonly OutEvent[]): void
  refused(events: readonly OutEvent[], reason: string): void
  /** The answer to the call, once all of its events are settled; they are forgotten with it. */
  end(): Delivery
}
