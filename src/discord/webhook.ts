import type { Id } from '#src/core/model.ts'
import type { Reply } from './command.ts'
import { render } from './render.ts'
import { toLooked, toPosted } from './webhook-answers.ts'
import { type Answer, ask } from './webhook-asking.ts'

// The door to one webhook: an address that posts to a channel, whoever has it. Nothing that leaves this file holds the address or any part of it.

/** `trouble` may pass, and what was asked for may have happened all the same; `refused` will not pass, nor will `gone`, where nothing will be taken any more. */
export type Unheard =
  | { readonly kind: 'wait'; readonly why: string; readonly ms: number }
  | { readonly kind: 'trouble'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'gone'; readonly why: string }

/** `channelId`: where it stands, if that was said. */
export type Posted = { readonly kind: 'posted'; readonly channelId: Id | null } | Unheard

export type Looked = { readonly kind: 'place'; readonly place: WebhookPlace } | Unheard

/** Where a webhook posts to. */
export interface WebhookPlace {
  readonly name: string
  readonly guildId: Id
  readonly channelId: Id
}

/** How long one request may take, its answer included. */
const LONGEST_MS = 10_000

export class Webhook {
  readonly #address: URL
  readonly #longestMs: number

  /** `address` as Discord copies it; `?thread_id=` names a thread. */
  constructor(address: string, longestMs: number = LONGEST_MS) {
    this.#address = new URL(address)
    this.#longestMs = longestMs
  }

  /** Posts a reply without its buttons, which only the bot's own messages have. Nobody is pinged. Never rejects. */
  async post(reply: Reply, signal?: AbortSignal): Promise<Posted> {
    const { embeds, allowed_mentions } = render(reply)
    const address = new URL(this.#address)
    // Discord then answers with the message, and only once it stands there.
    address.searchParams.set('wait', 'true')
    return toPosted(await this.#ask(address, { embeds, allowed_mentions }, signal))
  }

  /** Where it posts to. Never rejects. */
  async look(signal?: AbortSignal): Promise<Looked> {
    return toLooked(await this.#ask(this.#address, null, signal))
  }

  #ask(address: URL, body: object | null, signal?: AbortSignal): Promise<Answer> {
    return ask(address, body, this.#longestMs, signal)
  }
}
