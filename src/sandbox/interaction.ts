import type { SandboxClock } from './clock.ts'
import type { Json } from './payloads.ts'
import { FLAG, Post, type PostTerms, type Seen } from './post.ts'
import type { Pulse } from './pulse.ts'
import type { Id, Snowflakes } from './snowflake.ts'
import type { Application } from './surroundings.ts'

/** Discord's two clocks: for the first answer, and for everything after it. */
export const FIRST_ANSWER_WITHIN = 3000
export const TOKEN_GOOD_FOR = 15 * 60_000

/** What an interaction is, as Discord numbers it. */
export const INTERACTION = { COMMAND: 2, COMPONENT: 3, TYPING: 4 } as const

/** How a first answer is meant: Discord's callback types. */
export const CALLBACK = { PONG: 1, MESSAGE: 4, DEFER: 5, DEFER_UPDATE: 6, UPDATE: 7, CHOICES: 8, MODAL: 9 } as const

/** What a person types. */
export interface CommandRequest {
  /** Who. */
  readonly as: Id
  /** `'audit run'`: the command, and where it has some, group and subcommand. */
  readonly command: string
  /** By name; people and roles by id. */
  readonly options?: Readonly<Record<string, string | number | boolean>>
  /** Sent though the member may not use the command: so it comes where server admins overrode its permissions. */
  readonly force?: boolean
  /** The very same interaction arrives two times. */
  readonly twice?: boolean
  readonly locale?: string
  /** By name; the first channel by default. */
  readonly channel?: string
}

/** What a person is typing. */
export interface TypingRequest extends Pick<CommandRequest, 'as' | 'command' | 'force' | 'locale' | 'channel'> {
  /** The option that they are typing in, and what stands there so far. */
  readonly option: string
  readonly typed: string
  /** What they filled in before. */
  readonly options?: CommandRequest['options']
}

/** An entry chosen in the menu of a member. */
export interface MenuRequest extends Pick<CommandRequest, 'as' | 'force' | 'twice' | 'locale' | 'channel'> {
  /** As the menu shows it. */
  readonly name: string
  /** Whose menu. */
  readonly target: Id
}

/** A button pressed on a message that stands in a channel. */
export interface PostPress extends Omit<Press, 'as'> {
  readonly as: Id
  readonly post: Post
}

/** One of the words that are offered to somebody who types. */
export interface Offer {
  readonly name: string
  readonly value: string | number
}

export interface FirstAnswer {
  readonly type: number
  /** Ms after the interaction was made. */
  readonly after: number
  readonly data: Json | null
}

export interface InteractionWorld {
  readonly clock: SandboxClock
  readonly ids: Snowflakes
  readonly pulse: Pulse
  readonly application: Application
}

export interface InteractionTerms {
  readonly id: Id
  readonly token: string
  /** The body of INTERACTION_CREATE. */
  readonly payload: Json
  readonly memberId: Id
  readonly channelId: Id
  /** The message that a pressed button stands on. */
  readonly source: Post | null
}

/** What pressing or choosing is done with; fitted in by the sandbox. */
export type Presser = (interaction: Interaction, press: Press) => Promise<Interaction>

export interface Press {
  readonly customId: string
  /** Of a select menu. */
  readonly values?: readonly string[]
  /** Somebody else than who asked; Discord allows it where the message is not ephemeral. */
  readonly as?: Id
  readonly twice?: boolean
}

/** One slash command, typing of it, menu entry or button press, as the person sees it who made it. */
export class Interaction {
  readonly terms: InteractionTerms
  readonly createdAt: number
  readonly followUps: Post[] = []
  firstAnswer: FirstAnswer | null = null
  /** What the first answer made or took over; null where there is none (yet). */
  original: Post | null = null
  readonly #world: InteractionWorld
  readonly #presser: Presser

  constructor(terms: InteractionTerms, world: InteractionWorld, presser: Presser) {
    this.terms = terms
    this.createdAt = world.clock.now()
    this.#world = world
    this.#presser = presser
  }

  get id(): Id {
    return this.terms.id
  }

  /** The first answer only said that one will come. */
  get deferred(): boolean {
    const type = this.firstAnswer?.type
    return type === CALLBACK.DEFER || type === CALLBACK.DEFER_UPDATE
  }

  /** Why the person sees "The application did not respond", or null. */
  get failed(): string | null {
    return this.firstAnswer === null && this.age > FIRST_ANSWER_WITHIN ? '3s passed' : null
  }

  /** What is offered to who types; null while nothing has come. */
  get offers(): readonly Offer[] | null {
    if (this.firstAnswer?.type !== CALLBACK.CHOICES) return null
    return (this.firstAnswer.data?.choices ?? []) as Offer[]
  }

  get age(): number {
    return this.#world.clock.now() - this.createdAt
  }

  /** What the person sees now; null while there is nothing to see. */
  current(): Seen | null {
    return this.original && !this.original.deleted ? this.original.seen : null
  }

  /** How the answer looked after each change, the first time included. */
  get edits(): readonly Seen[] {
    return this.original?.versions ?? []
  }

  /** Resolves when this holds. Without a question: when there is something to read that is not just a promise. */
  async until(holds: (interaction: Interaction) => boolean = hasAnswer, deadline?: number): Promise<this> {
    const what = () => `the interaction ${this.id} to answer; it shows ${JSON.stringify(this.current())}`
    await this.#world.pulse.until(() => holds(this), what, deadline)
    return this
  }

  /** Presses a button of the answer. Throws where there is no such button, or it is greyed out. */
  press(customId: string, how: Omit<Press, 'customId'> = {}): Promise<Interaction> {
    return this.#presser(this, { customId, ...how })
  }

  /** The first answer. The door has checked that it may still come. */
  answer(type: number, data: Json | null): void {
    this.firstAnswer = { type, after: this.age, data }
    const flags = Number(data?.flags ?? 0) & (FLAG.EPHEMERAL | FLAG.COMPONENTS_V2)
    if (type === CALLBACK.MESSAGE) this.original = new Post(this.#postTerms(flags, 20), data)
    if (type === CALLBACK.DEFER) this.original = new Post(this.#postTerms(flags | FLAG.LOADING, 20), null)
    if (type === CALLBACK.DEFER_UPDATE || type === CALLBACK.UPDATE) this.original = this.terms.source
    if (type === CALLBACK.UPDATE) this.original?.edit(data ?? {}, this.#world.clock.now())
    this.#world.pulse.beat()
  }

  followUp(body: Json): Post {
    const post = new Post(this.#postTerms(Number(body.flags ?? 0) & FLAG.EPHEMERAL, 0), body)
    this.followUps.push(post)
    if (this.followUps.length > FOLLOW_UPS) this.followUps.shift()
    this.#world.pulse.beat()
    return post
  }

  #postTerms(flags: number, type: number): PostTerms {
    const { channelId, payload } = this.terms
    const { ids, clock, application } = this.#world
    return {
      id: ids.next(),
      channelId,
      author: { application },
      flags,
      at: clock.now(),
      type,
      extra: {
        application_id: application.id,
        webhook_id: application.id,
        interaction_metadata: metadataOf(payload, this.terms),
      },
    }
  }
}

/** Follow-ups kept of one interaction. */
const FOLLOW_UPS = 100

function hasAnswer(interaction: Interaction): boolean {
  const current = interaction.current()
  return interaction.offers !== null || (current !== null && !current.loading)
}

function metadataOf(payload: Json, { id, source }: InteractionTerms): Json {
  return {
    id,
    type: payload.type,
    user: (payload.member as Json).user,
    authorizing_integration_owners: payload.authorizing_integration_owners,
    ...(source ? { interacted_message_id: source.id } : {}),
  }
}
