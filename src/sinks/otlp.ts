import type { OtlpPlan } from '#src/core/sink-plan.ts'
import { afterColon, LONGEST_ANSWER } from './answer.ts'
import { type Answer, type Partly, type Verdict, verdictOf } from './otlp-answer.ts'
import { toRequest } from './otlp-record.ts'
import { withOwnSettings } from './own-settings.ts'
import { Settled, type SettledCall } from './settled.ts'
import { type Delivery, type OutEvent, type Sink, SinkGone, SinkTrouble } from './sink.ts'
import type { SinkSurroundings } from './surroundings.ts'
import { wayWords } from './way.ts'

/** OpenTelemetry's own exporters give a collector as long. */
const PATIENCE_MS = 10_000
/** Of one request. Collectors take 20 MiB by the specification, and many stand behind proxies that take less. */
const LARGEST_BODY = 4 * 1024 * 1024
/** So many events are sent one by one after a part of a request was rejected. */
const ONE_BY_ONE = 1_000

/** Sends events as log records to an OpenTelemetry collector, by OTLP over HTTP in JSON. */
export class OtlpSink implements Sink {
  readonly name: string
  readonly #plan: OtlpPlan
  readonly #world: SinkSurroundings
  readonly #patienceMs: number
  readonly #settled = new Settled()
  #oneByOne = 0

  constructor(plan: OtlpPlan, world: SinkSurroundings, patienceMs = PATIENCE_MS) {
    this.name = plan.name
    this.#plan = plan
    this.#world = world
    this.#patienceMs = patienceMs
  }

  async deliver(events: readonly OutEvent[], signal: AbortSignal): Promise<Delivery> {
    const call = this.#settled.begin(events)
    let { open } = call
    while (open.length > 0) {
      const part = this.#oneByOne > 0 ? open.slice(0, 1) : open
      open = open.slice(part.length)
      this.#oneByOne = Math.max(0, this.#oneByOne - 1)
      await this.#send(part, call, signal)
    }
    return call.end()
  }

  async #send(events: readonly OutEvent[], call: SettledCall, signal: AbortSignal): Promise<void> {
    const body = Buffer.from(toRequest(events, this.#world.version))
    const verdict: Verdict =
      body.length > LARGEST_BODY && events.length > 1
        ? { kind: 'too large', reason: '' }
        : verdictOf(await this.#post(body, signal), this.#world.now())
    switch (verdict.kind) {
      case 'taken':
        return call.delivered(events)
      case 'refused':
        return call.refused(events, this.#clean(verdict.reason))
      case 'partly':
        return this.#partly(events, call, verdict)
      case 'too large':
        if (events.length === 1) return call.refused(events, this.#clean(verdict.reason))
        await this.#send(events.slice(0, Math.ceil(events.length / 2)), call, signal)
        return this.#send(events.slice(Math.ceil(events.length / 2)), call, signal)
      case 'gone':
        throw new SinkGone(this.#clean(verdict.reason))
      case 'trouble':
        throw new SinkTrouble(this.#clean(verdict.reason), verdict.retryAfterMs)
    }
  }

  /**
   * OTLP does not say which records were rejected, and forbids to send any of them again. To call all of them delivered would lose some in silence, so
   * all are put aside, with what the collector says; and the next ones go one by one, so that it shows which of those are rejected.
   */
  #partly(events: readonly OutEvent[], call: SettledCall, { rejected, said }: Partly): void {
    const which =
      rejected >= events.length
        ? 'The collector rejects the event'
        : `The collector rejects ${rejected} of ${events.length} events that it was sent together, and does not say which; the others it has`
    call.refused(events, this.#clean(`${which}${afterColon(said)}.`))
    if (events.length > 1) this.#oneByOne = ONE_BY_ONE
  }

  async #post(body: Buffer<ArrayBuffer>, signal: AbortSignal): Promise<Answer> {
    const late = AbortSignal.timeout(this.#patienceMs)
    try {
      const answer = await fetch(this.#plan.url, {
        method: 'POST',
        headers: {
          ...this.#plan.headers,
          'content-type': 'application/json',
          'user-agent': `rolecall/${this.#world.version}`,
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([signal, late]),
      })
      return { status: answer.status, headers: answer.headers, body: await textOf(answer) }
    } catch (error) {
      throw new SinkTrouble(wayWords(error, signal, late, this.#patienceMs))
    }
  }

  #clean(text: string): string {
    return withOwnSettings(this.#world.scrub(text), this.name)
  }
}

/** Null where it is longer than it can be; the rest is not read. */
async function textOf(answer: Response): Promise<string | null> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of answer.body ?? []) {
    length += piece.length
    if (length > LONGEST_ANSWER) return null
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}
