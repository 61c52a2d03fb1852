import type { Id } from '#src/core/model.ts'
import type { Reply } from '#src/discord/command.ts'
import type { Looked, Posted, Webhook, WebhookPlace } from '#src/discord/webhook.ts'

/** A webhook that is written to only once Discord has said that it belongs to the server whose summaries it is to post. */
export class Address {
  readonly guildId: Id
  readonly #webhook: Webhook
  #place: WebhookPlace | null = null
  #gone = false

  constructor(guildId: Id, webhook: Webhook) {
    this.guildId = guildId
    this.#webhook = webhook
  }

  /** Where what is posted can be read; null as long as nothing is, or where the webhook is gone. */
  get channelId(): Id | null {
    return this.#gone ? null : (this.#place?.channelId ?? null)
  }

  async look(signal?: AbortSignal): Promise<Looked> {
    const looked = await this.#webhook.look(signal)
    this.#note(looked)
    if (looked.kind !== 'place') return looked
    if (looked.place.guildId !== this.guildId) return { kind: 'gone', why: this.#elsewhere() }
    this.#place = looked.place
    return looked
  }

  async post(reply: Reply, signal: AbortSignal): Promise<Posted> {
    const looked: Looked | null = this.#place === null ? await this.look(signal) : null
    if (looked !== null && looked.kind !== 'place') return looked
    const posted = await this.#webhook.post(reply, signal)
    this.#note(posted)
    // Somebody may have moved it to another channel.
    if (posted.kind === 'posted' && posted.channelId !== null && this.#place)
      this.#place = { ...this.#place, channelId: posted.channelId }
    return posted
  }

  #note({ kind }: Looked | Posted): void {
    if (kind === 'gone') this.#gone = true
    if (kind === 'posted' || kind === 'place') this.#gone = false
  }

  #elsewhere(): string {
    return `The webhook that SUMMARY_WEBHOOKS names for the server ${this.guildId} belongs to another server, so nothing is posted there. Take the address of a webhook of this server, and start the bot again.`
  }
}
