import { oneLine, shorten } from '#src/core/text.ts'
import { type Delivery, type OutEvent, type Sink, SinkGone, SinkTrouble } from './sink.ts'

// One call of a sink, held to its contract: whatever the sink does, an answer comes within a bounded time, and what it says is checked.

export type Attempt =
  /** Every event was taken but these, by their ids. */
  | { readonly kind: 'delivered'; readonly refused: ReadonlyMap<string, string> }
  | { readonly kind: 'trouble'; readonly why: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'gone'; readonly why: string }

/** What a sink says is shown to an operator, in a line. */
const MAX_WORDS = 300
/** A call that is out of time and has not ended still holds its events; more of them are not begun. */
const MAX_UNENDED = 3

/** The calls of one sink. */
export class Caller {
  readonly #sink: Sink
  readonly #words: (text: string) => string
  #unended = 0

  /** `scrub` takes secrets out of what the sink says. */
  constructor(sink: Sink, scrub: (text: string) => string) {
    this.#sink = sink
    this.#words = (text) => shorten(oneLine(scrub(text)), MAX_WORDS)
  }

  /** Never rejects. `timeUp` also ends the call where the sink does not listen to it. */
  async call(events: readonly OutEvent[], timeUp: AbortSignal): Promise<Attempt> {
    if (this.#unended >= MAX_UNENDED) return troubled(NEVER_ENDS)
    try {
      const said: unknown = await orAborted(this.#begin(events, timeUp), timeUp)
      return this.#read(said, new Set(events.map(({ id }) => id)))
    } catch (error) {
      if (error instanceof SinkGone) return { kind: 'gone', why: this.#words(error.message) }
      if (error instanceof SinkTrouble) return troubled(this.#words(error.message), error.retryAfterMs)
      if (timeUp.aborted) return troubled(NO_ANSWER)
      return troubled(this.#words(`It threw: ${error instanceof Error ? error.message : String(error)}`))
    }
  }

  async #begin(events: readonly OutEvent[], signal: AbortSignal): Promise<Delivery> {
    this.#unended++
    try {
      return await this.#sink.deliver(events, signal)
    } finally {
      this.#unended--
    }
  }

  #read(said: unknown, given: ReadonlySet<string>): Attempt {
    const refused = refusedIn(said)
    if (refused === null) return troubled(NOT_CONFORMING)
    if (refused.some(({ id }) => !given.has(id))) return troubled(NOT_GIVEN)
    return { kind: 'delivered', refused: new Map(refused.map(({ id, reason }) => [id, this.#words(reason)])) }
  }
}

const troubled = (why: string, retryAfterMs: number | null = null): Attempt => ({ kind: 'trouble', why, retryAfterMs })

const NO_ANSWER = 'It did not answer in time.'
const NEVER_ENDS =
  'Several calls were given up because it did not answer, and none of them has ended since. It is called again once one has; restarting the bot ends them all.'
const NOT_CONFORMING =
  'Its answer cannot be read: it must be { refused: [{ id, reason }] }. Nothing of the call counts as delivered.'
const NOT_GIVEN = 'It refused an event that it was not given. Nothing of the call counts as delivered.'

/** What the sink will never take, where its answer is of the form that was agreed on. */
function refusedIn(said: unknown): Delivery['refused'] | null {
  const refused: unknown = typeof said === 'object' && said !== null && 'refused' in said ? said.refused : null
  return Array.isArray(refused) && refused.every(isRefusal) ? refused : null
}

const isRefusal = (one: unknown): one is Delivery['refused'][number] =>
  typeof one === 'object' &&
  one !== null &&
  'id' in one &&
  typeof one.id === 'string' &&
  'reason' in one &&
  typeof one.reason === 'string'

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  // Whatever comes of the work after that is nobody's any more.
  work.catch(() => {})
  return await Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort))
}
