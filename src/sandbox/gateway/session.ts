import { type Id, shardOf } from '../snowflake.ts'
import type { Announcement } from '../surroundings.ts'
import type { Connection } from './connection.ts'

/** How many events are kept for a resume. Discord names no number; past it the session cannot be resumed. */
const REPLAY_LIMIT = 10_000

interface Kept {
  readonly seq: number
  readonly t: string
  /** Written out when it is sent, so that a kept burst of members costs no memory. */
  readonly body: () => string
}

export interface SessionTerms {
  readonly id: string
  readonly intents: number
  readonly shard: readonly [number, number]
  readonly largeThreshold: number
}

/** One identified session: it outlives its connection, counts events, and keeps them for a resume. */
export class Session {
  readonly terms: SessionTerms
  /** When READY was sent, on the sandbox's clock. */
  readonly readyAt: number
  connection: Connection | null = null
  #seq = 0
  #kept: Kept[] = []
  readonly #limit: number

  constructor(terms: SessionTerms, readyAt: number, limit = REPLAY_LIMIT) {
    this.terms = terms
    this.readyAt = readyAt
    this.#limit = limit
  }

  get seq(): number {
    return this.#seq
  }

  covers(guildId: Id | null): boolean {
    const [shard, count] = this.terms.shard
    return guildId === null || shardOf(guildId, count) === shard
  }

  /** Counts the event, keeps it, and sends it where there is a connection. Resolves when the socket took it. */
  send(event: Pick<Announcement, 't' | 'd' | 'text'>, again?: () => string): Promise<void> {
    this.#seq += 1
    const text = event.text ?? JSON.stringify(event.d)
    this.#keep({ seq: this.#seq, t: event.t, body: again ?? written(text) })
    return this.connection?.write(frame(this.#seq, event.t, text)) ?? Promise.resolve()
  }

  /** Sends everything after `seq` again, in order. False where that is no longer, or not yet, known. */
  replay(seq: number): boolean {
    const first = this.#kept[0]?.seq ?? this.#seq + 1
    if (seq > this.#seq || seq + 1 < first) return false
    for (const kept of this.#kept) if (kept.seq > seq) void this.connection?.write(frame(kept.seq, kept.t, kept.body()))
    return true
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept)
    if (this.#kept.length > this.#limit) this.#kept.shift()
  }
}

/** A function of its own, so that what writes a chunk again does not hold its text. */
function written(text: string): () => string {
  return () => text
}

function frame(seq: number, t: string, body: string): string {
  return `{"t":${JSON.stringify(t)},"s":${seq},"op":0,"d":${body}}`
}
