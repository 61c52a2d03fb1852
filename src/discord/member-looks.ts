import type { REST } from '@discordjs/rest'
import { Routes } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import { Bucket, type Told } from './bucket.ts'

// Looks at members, several of a guild at once. What Discord tells of its limit counts for all of them, whichever client was told it.

/** Guilds remembered with what their limits told, as for changes. Beyond it those in which nobody is looked at are forgotten. */
const MOST_LINES = 10_000

export class MemberLooks {
  readonly #eyes: readonly REST[]
  readonly #lines = new Map<Id, Line>()

  constructor(eyes: readonly REST[]) {
    this.#eyes = eyes
    for (const eye of eyes) eye.on('response', ({ method, path }, { headers }) => this.#hear(method, path, headers))
  }

  /** What Discord says of the member; `urgent` ones first. Rejects as the client does. */
  at(guildId: Id, memberId: Id, urgent: boolean): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#open(guildId).add({ memberId, resolve, reject }, urgent)
    return promise
  }

  #open(guildId: Id): Line {
    const found = this.#lines.get(guildId)
    if (found) return found
    if (this.#lines.size >= MOST_LINES) this.#forget()
    const line = new Line(guildId, this.#eyes)
    this.#lines.set(guildId, line)
    return line
  }

  #forget(): void {
    for (const [guildId, line] of this.#lines) if (line.isIdle) this.#lines.delete(guildId)
  }

  #hear(method: string, path: string, headers: Told): void {
    const [, guildId] = (method === 'GET' && MEMBER_ADDRESS.exec(path)) || []
    if (guildId !== undefined) this.#lines.get(guildId)?.hear(headers)
  }
}

const MEMBER_ADDRESS = /\/guilds\/(\d+)\/members\/\d+$/

interface Look {
  readonly memberId: Id
  resolve(seen: unknown): void
  reject(error: unknown): void
}

/** The looks of one guild. Which of those who wait goes is decided when there is room. */
class Line {
  readonly #guildId: Id
  readonly #bucket = new Bucket('look')
  /** A client that is at work for this guild would let a second look wait. */
  readonly #free: REST[]
  readonly #eyes: number
  readonly #urgent: Look[] = []
  readonly #others: Look[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(guildId: Id, eyes: readonly REST[]) {
    this.#guildId = guildId
    this.#free = [...eyes]
    this.#eyes = eyes.length
  }

  get isIdle(): boolean {
    return this.#free.length === this.#eyes && this.#urgent.length + this.#others.length === 0
  }

  add(look: Look, urgent: boolean): void {
    if (urgent) this.#urgent.push(look)
    else this.#others.push(look)
    this.#serve()
  }

  hear(headers: Told): void {
    this.#bucket.hear(performance.now(), headers)
  }

  /** Lets through whoever may go, and wakes again when the next may; where nothing is known, an answer under way does. */
  #serve(): void {
    clearTimeout(this.#timer)
    while (this.#free.length > 0 && this.#urgent.length + this.#others.length > 0) {
      const due = this.#bucket.dueIn(performance.now(), true, 0)
      if (due === null) return
      if (due > 0) {
        this.#timer = setTimeout(() => this.#serve(), Math.ceil(due))
        return
      }
      void this.#send((this.#urgent.shift() ?? this.#others.shift())!, this.#free.pop()!)
    }
  }

  async #send({ memberId, resolve, reject }: Look, eye: REST): Promise<void> {
    this.#bucket.take(performance.now())
    let succeeded = false
    try {
      const seen = await eye.get(Routes.guildMember(this.#guildId, memberId))
      succeeded = true
      resolve(seen)
    } catch (error) {
      reject(error)
    }
    this.#bucket.land(succeeded)
    this.#free.push(eye)
    this.#serve()
  }
}
