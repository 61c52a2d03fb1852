import { type Json, toUser } from './payloads.ts'
import type { Id } from './snowflake.ts'
import type { Application } from './surroundings.ts'

/** Message flags, as Discord numbers them. */
export const FLAG = { SUPPRESS_EMBEDS: 1 << 2, EPHEMERAL: 1 << 6, LOADING: 1 << 7, COMPONENTS_V2: 1 << 15 } as const

/** What a person sees of a message. */
export interface Seen {
  readonly id: Id
  readonly content: string
  readonly embeds: readonly Json[]
  readonly components: readonly Json[]
  readonly attachments: readonly Json[]
  /** Only the person who asked sees it. */
  readonly ephemeral: boolean
  /** "… is thinking" */
  readonly loading: boolean
  /** Whom it pings. */
  readonly mentions: { readonly members: readonly Id[]; readonly roles: readonly Id[]; readonly everyone: boolean }
}

interface Author {
  readonly application: Application
  /** Where a webhook posts: its id and the name it posts under. */
  readonly webhook?: { readonly id: Id; readonly name: string }
}

export interface PostTerms {
  readonly id: Id
  readonly channelId: Id
  readonly author: Author
  readonly flags: number
  readonly at: number
  /** 0 an ordinary message, 20 the answer to a command. */
  readonly type: number
  readonly extra?: Json
}

/** A message, as it stands. Bodies come as a request gives them and are already found good. */
export class Post {
  readonly terms: PostTerms
  deleted = false
  /** How it looked after each change, the first time included. */
  readonly versions: Seen[] = []
  #body: Json = {}
  #flags: number
  #editedAt: number | null = null

  constructor(terms: PostTerms, body: Json | null) {
    this.terms = terms
    this.#flags = terms.flags
    if (body) this.#take(body)
    this.versions.push(this.seen)
  }

  get id(): Id {
    return this.terms.id
  }

  /** What is left out stays as it is; what is null is emptied. */
  edit(body: Json, at: number): void {
    const first = (this.#flags & FLAG.LOADING) !== 0
    this.#flags &= ~FLAG.LOADING
    this.#take(body)
    if (!first) this.#editedAt = at
    this.versions.push(this.seen)
    if (this.versions.length > VERSIONS) this.versions.shift()
  }

  get seen(): Seen {
    const { mentions, mention_roles, mention_everyone } = this.#mentions()
    return {
      id: this.id,
      content: this.#content,
      embeds: this.#list('embeds').map(toEmbed),
      components: withIds(this.#list('components')),
      attachments: this.#list('attachments'),
      ephemeral: (this.#flags & FLAG.EPHEMERAL) !== 0,
      loading: (this.#flags & FLAG.LOADING) !== 0,
      mentions: { members: mentions, roles: mention_roles, everyone: mention_everyone },
    }
  }

  /** As the API writes it. `userOf` knows the people it may mention. */
  toJson(userOf: (id: Id) => Json | undefined): Json {
    const { seen, terms } = this
    return {
      type: terms.type,
      content: seen.content,
      mentions: seen.mentions.members.flatMap((id) => userOf(id) ?? []),
      mention_roles: seen.mentions.roles,
      attachments: seen.attachments,
      embeds: seen.embeds,
      timestamp: new Date(terms.at).toISOString(),
      edited_timestamp: this.#editedAt === null ? null : new Date(this.#editedAt).toISOString(),
      flags: this.#flags,
      components: seen.components,
      id: this.id,
      channel_id: terms.channelId,
      author: toAuthor(terms.author),
      pinned: false,
      mention_everyone: seen.mentions.everyone,
      tts: false,
      ...terms.extra,
    }
  }

  get #content(): string {
    return typeof this.#body.content === 'string' ? this.#body.content : ''
  }

  #list(name: string): Json[] {
    return (this.#body[name] as Json[] | null | undefined) ?? []
  }

  #take(body: Json): void {
    const flags = Number(body.flags ?? 0) & (FLAG.COMPONENTS_V2 | FLAG.SUPPRESS_EMBEDS)
    this.#flags |= flags
    this.#body = { ...this.#body, ...body }
  }

  #mentions(): { mentions: Id[]; mention_roles: Id[]; mention_everyone: boolean } {
    const allowed = this.#body.allowed_mentions as { parse?: string[]; users?: Id[]; roles?: Id[] } | null | undefined
    const may = (kind: 'users' | 'roles', id: Id) =>
      !allowed || (allowed.parse?.includes(kind) ?? false) || (allowed[kind]?.includes(id) ?? false)
    return {
      mentions: idsIn(this.#content, /<@!?(\d{17,19})>/g).filter((id) => may('users', id)),
      mention_roles: idsIn(this.#content, /<@&(\d{17,19})>/g).filter((id) => may('roles', id)),
      mention_everyone:
        /@(everyone|here)\b/.test(this.#content) && (!allowed || (allowed.parse?.includes('everyone') ?? false)),
    }
  }
}

/** Looks kept of one message: a progress line is edited often, but not without end. */
const VERSIONS = 1000

function idsIn(text: string, pattern: RegExp): Id[] {
  return [...new Set([...text.matchAll(pattern)].map(([, id]) => id!))]
}

function toAuthor({ application, webhook }: Author): Json {
  if (!webhook) return toUser({ id: application.botUserId, username: application.botName, globalName: null, bot: true })
  return toUser({ id: webhook.id, username: webhook.name, globalName: null, bot: true })
}

function toEmbed(embed: Json): Json {
  const fields = (embed.fields as Json[] | null | undefined)?.map((field) => ({
    ...field,
    inline: field.inline ?? false,
  }))
  return { type: 'rich', ...present(embed), ...(fields ? { fields } : {}) }
}

/** Discord gives every component a number, counted from the top. */
function withIds(components: readonly Json[]): Json[] {
  let last = 0
  const number = (component: Json): Json => {
    last += 1
    const id = component.id ?? last
    const inner = component.components as Json[] | undefined
    const accessory = component.accessory as Json | undefined
    return {
      ...(component.type === 17 ? { accent_color: null, spoiler: false } : {}),
      ...(component.type === 14 ? { divider: true, spacing: 1 } : {}),
      ...(component.type === 3 ? { min_values: 1, max_values: 1 } : {}),
      ...present(component),
      id,
      ...(inner ? { components: inner.map(number) } : {}),
      ...(accessory ? { accessory: number(accessory) } : {}),
    }
  }
  return components.map(number)
}

function present(record: Json): Json {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null && value !== undefined))
}
