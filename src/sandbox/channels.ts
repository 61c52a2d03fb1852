import { randomBytes } from 'node:crypto'
import type { SandboxClock } from './clock.ts'
import type { Json } from './payloads.ts'
import { FLAG, Post } from './post.ts'
import type { Pulse } from './pulse.ts'
import type { Id, Snowflakes } from './snowflake.ts'
import type { Application } from './surroundings.ts'

export interface PostWorld {
  readonly clock: SandboxClock
  readonly ids: Snowflakes
  readonly pulse: Pulse
  readonly application: Application
}

/** Messages kept of one channel. */
const KEPT = 5000

/** What stands in the channels. */
export class Channels {
  readonly #world: PostWorld
  readonly #posts = new Map<Id, Post[]>()

  constructor(world: PostWorld) {
    this.#world = world
  }

  /** The messages of a channel that are still there, the oldest first. */
  in(channelId: Id): readonly Post[] {
    return (this.#posts.get(channelId) ?? []).filter(({ deleted }) => !deleted)
  }

  find(channelId: Id, messageId: Id): Post | undefined {
    return this.in(channelId).find(({ id }) => id === messageId)
  }

  add(channelId: Id, body: Json, webhook?: Webhook): Post {
    const { ids, clock, application } = this.#world
    const name = typeof body.username === 'string' ? body.username : webhook?.name
    const author = { application, ...(webhook ? { webhook: { id: webhook.id, name: name! } } : {}) }
    const extra = webhook ? { webhook_id: webhook.id } : {}
    const flags = Number(body.flags ?? 0) & FLAG.COMPONENTS_V2
    const post = new Post({ id: ids.next(), channelId, author, flags, at: clock.now(), type: 0, extra }, body)
    const posts = this.#posts.get(channelId) ?? []
    this.#posts.set(channelId, posts)
    posts.push(post)
    if (posts.length > KEPT) posts.shift()
    this.#world.pulse.beat()
    return post
  }

  edit(post: Post, body: Json): void {
    post.edit(body, this.#world.clock.now())
    this.#world.pulse.beat()
  }
}

/** An incoming webhook: an address that posts to a channel. */
export interface Webhook {
  readonly id: Id
  readonly token: string
  readonly guildId: Id
  readonly channelId: Id
  readonly name: string
}

export class Webhooks {
  readonly #ids: Snowflakes
  readonly #byId = new Map<Id, Webhook>()

  constructor(ids: Snowflakes) {
    this.#ids = ids
  }

  add(guildId: Id, channelId: Id, name: string): Webhook {
    const webhook = { id: this.#ids.next(), token: randomBytes(48).toString('base64url'), guildId, channelId, name }
    this.#byId.set(webhook.id, webhook)
    return webhook
  }

  /** Somebody deletes it: every further use is answered 404. */
  remove(id: Id): void {
    this.#byId.delete(id)
  }

  find(id: Id): Webhook | undefined {
    return this.#byId.get(id)
  }
}
