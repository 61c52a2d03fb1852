// What the relay hands to a sink, and what a sink may answer. Every sink, an operator's own module too, is held to this.

/** One line of the record as it leaves the house: a CloudEvents 1.0 event in its JSON form. */
export interface OutEvent {
  readonly specversion: '1.0'
  /** The line's own id, the same at every try: whoever gets an event twice knows it by this. */
  readonly id: string
  /** `rolecall://<installation>/<guild>`. */
  readonly source: string
  /** `app.rolecall.<noun>.<past participle>.v1`. */
  readonly type: string
  readonly subject: string
  /** ISO 8601, UTC. */
  readonly time: string
  readonly datacontenttype: 'application/json'
  /** The line's number in its chain, padded with zeros so that texts sort as numbers do. */
  readonly sequence: string
  readonly authtype: string
  readonly authid: string
  readonly correlationid?: string
  readonly causationid?: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What became of the events of one call: all are delivered but those that the sink will never take. */
export interface Delivery {
  readonly refused: readonly { readonly id: string; readonly reason: string }[]
}

export interface Sink {
  readonly name: string
  /** Events that it takes in one call at most; left out: 500. The fewer, the fewer come twice where a call fails half-way. */
  readonly most?: number
  /** Events of one chain, in order. Throws `SinkTrouble` for what may pass, `SinkGone` where nothing more is wanted; anything else thrown counts as trouble. */
  deliver(events: readonly OutEvent[], signal: AbortSignal): Promise<Delivery>
  close?(): Promise<void>
}

/** Nothing of this call counts as delivered; it is tried again. `message` names no address and no secret. */
export class SinkTrouble extends Error {
  override readonly name = 'SinkTrouble'
  /** What the other side asked for, in ms; null where it said nothing. */
  readonly retryAfterMs: number | null

  constructor(message: string, retryAfterMs: number | null = null) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** The other side wants no more (410). The sink is switched off until an operator retries it; nothing is lost meanwhile. */
export class SinkGone extends Error {
  override readonly name = 'SinkGone'
}
