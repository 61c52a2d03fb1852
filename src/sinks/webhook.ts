import { isIP } from 'node:net'
import { Refusal } from '#src/core/refusal.ts'
import type { WebhookPlan } from '#src/core/sink-plan.ts'
import { afterColon, isRedirect, retryAfterMs, saidIn } from './answer.ts'
import { withOwnSettings } from './own-settings.ts'
import { isPublic, PrivateAddress, publicOnly } from './public-address.ts'
import { Settled } from './settled.ts'
import { signedHeaders } from './signature.ts'
import { type Delivery, type OutEvent, type Sink, SinkGone, SinkTrouble } from './sink.ts'
import type { SinkSurroundings } from './surroundings.ts'
import { wayWords } from './way.ts'
import { type Posted, Poster } from './webhook-post.ts'

/** The specification recommends 15 to 30 seconds. */
const PATIENCE_MS = 15_000
/** Of one call, which has 30 seconds: a request each, one after the other. */
const MOST = 25
const GONE = 410
/** A receiver that was too slow, or that is asked too early or too often; and whatever is its own fault. */
const isAskedAgain = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500

export interface WebhookOptions {
  readonly patienceMs?: number
  /** Who says to which addresses a name leads; the machine where left out. */
  readonly lookup?: Parameters<typeof publicOnly>[0]
}

/** Sends each event in a request of its own to a receiver of webhooks, signed as Standard Webhooks has it. */
export class WebhookSink implements Sink {
  readonly name: string
  readonly most = MOST
  readonly #keys: readonly Uint8Array[]
  readonly #world: SinkSurroundings
  readonly #patienceMs: number
  readonly #poster: Poster
  readonly #settled = new Settled()

  /** Throws `Refusal` where its address itself is one that may not be sent to. */
  constructor(plan: WebhookPlan, world: SinkSurroundings, { patienceMs = PATIENCE_MS, lookup }: WebhookOptions = {}) {
    const url = new URL(plan.url)
    if (!plan.allowPrivate) mustBePublic(plan.name, url)
    this.name = plan.name
    this.#keys = plan.keys
    this.#world = world
    this.#patienceMs = patienceMs
    this.#poster = new Poster(url, plan.allowPrivate ? undefined : publicOnly(lookup))
  }

  async deliver(events: readonly OutEvent[], signal: AbortSignal): Promise<Delivery> {
    const call = this.#settled.begin(events)
    for (const event of call.open) {
      const reason = this.#refusalIn(await this.#post(event, signal))
      if (reason === null) call.delivered([event])
      else call.refused([event], reason)
    }
    return call.end()
  }

  async close(): Promise<void> {
    this.#poster.close()
  }

  /** Null: the event is delivered. Throws where the answer says nothing of the event itself. */
  #refusalIn({ status, retryAfter, contentType, body }: Posted): string | null {
    if (status >= 200 && status < 300) return null
    const said = this.#world.scrub(`${afterColon(saidIn(body, contentType))} (${status})`)
    if (status === GONE)
      throw new SinkGone(`The receiver says that it wants no more events${said}. See whether its address has changed.`)
    if (isAskedAgain(status))
      throw new SinkTrouble(`The receiver asks for patience${said}.`, retryAfterMs(retryAfter, this.#world.now()))
    if (isRedirect(status))
      throw new SinkTrouble(
        withOwnSettings(
          `The receiver sends on to another address (${status}), which is not followed. Set SINK_WEBHOOK_URL to where it is now.`,
          this.name,
        ),
      )
    return `The receiver refuses the event${said}.`
  }

  async #post(event: OutEvent, signal: AbortSignal): Promise<Posted> {
    const { version, now } = this.#world
    const body = JSON.stringify(event)
    const headers = {
      ...signedHeaders(event.id, now(), body, this.#keys),
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': `rolecall/${version}`,
    }
    const late = AbortSignal.timeout(this.#patienceMs)
    try {
      return await this.#poster.post(body, headers, AbortSignal.any([signal, late]))
    } catch (error) {
      if (error instanceof PrivateAddress) throw new SinkTrouble(error.message)
      throw new SinkTrouble(wayWords(error, signal, late, this.#patienceMs))
    }
  }
}

/** Where the address is no name, nobody looks it up, and so nobody checks what came of that. `URL` has written every spelling of it in one form. */
function mustBePublic(name: string, { hostname }: URL): void {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(address) !== 0 && !isPublic(address)) throw new Refusal(`The sink ${name}: ${new PrivateAddress().message}`)
}
