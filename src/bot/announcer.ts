import type { Arrangements } from '#src/core/arrangements.ts'
import type { Id } from '#src/core/model.ts'
import type { Notice } from '#src/core/notice.ts'
import type { Reply } from '#src/discord/command.ts'
import { DiscordFault } from '#src/discord/faults.ts'
import type { Log } from '#src/telemetry/log.ts'

// Tells moderators what they have not asked for: in the channel that they chose, and by direct message to those who want it.

export interface AnnouncerParts {
  readonly book: {
    arrangements(guildId: Id): Promise<Arrangements>
    subscribers(guildId: Id): Promise<readonly Id[]>
  }
  readonly poster: {
    post(channelId: Id, reply: Reply): Promise<unknown>
    direct(memberId: Id, reply: Reply): Promise<unknown>
  }
  /** The notice in words; `at` in ms since the epoch. */
  readonly words: (guildId: Id, notice: Notice, at: number) => Promise<Reply>
  /** Whether this member may (still) be told of what goes on in the guild. */
  readonly mayHear: (guildId: Id, memberId: Id) => Promise<boolean>
  readonly now: () => number
  readonly log: Log
}

/** Notices of one guild that wait to be posted. A channel takes about one a second; past this the log and the trail have to do. */
const MOST_WAITING = 100

interface Line {
  readonly waiting: { readonly notice: Notice; readonly at: number }[]
  dropped: number
  posting: Promise<void> | null
}

/** One line a guild, posted in order. A notice that cannot be posted is logged and gone: the trail has what it spoke of. */
export class Announcer {
  readonly #parts: AnnouncerParts
  readonly #lines = new Map<Id, Line>()
  #closed = false

  constructor(parts: AnnouncerParts) {
    this.#parts = parts
  }

  /** Returns at once and never throws. */
  tell(guildId: Id, notice: Notice): void {
    if (this.#closed) return
    const line = this.#lines.get(guildId) ?? { waiting: [], dropped: 0, posting: null }
    this.#lines.set(guildId, line)
    this.#parts.log.info({ guildId, notice: notice.kind }, 'a notice for the moderators')
    if (line.waiting.length >= MOST_WAITING) line.dropped += 1
    else line.waiting.push({ notice, at: this.#parts.now() })
    line.posting ??= this.#postAll(guildId, line)
  }

  /** Takes no more, and resolves when what is being posted has been. */
  async close(): Promise<void> {
    this.#closed = true
    for (const line of this.#lines.values()) line.waiting.length = 0
    await Promise.all([...this.#lines.values()].map(({ posting }) => posting))
  }

  async #postAll(guildId: Id, line: Line): Promise<void> {
    for (let next = line.waiting.shift(); next; next = line.waiting.shift()) {
      await this.#post(guildId, next.notice, next.at).catch((error: unknown) =>
        this.#parts.log.warn({ guildId, error }, 'A notice could not be posted.'),
      )
    }
    if (line.dropped > 0)
      this.#parts.log.warn(
        { guildId, dropped: line.dropped },
        'Notices were too many to be posted; the trail has them.',
      )
    this.#lines.delete(guildId)
  }

  async #post(guildId: Id, notice: Notice, at: number): Promise<void> {
    const { book, poster, mayHear, words } = this.#parts
    const reply = await words(guildId, notice, at)
    const { channelId } = await book.arrangements(guildId)
    if (channelId !== null) await this.#try(guildId, 'the channel', () => poster.post(channelId, reply))
    for (const memberId of await book.subscribers(guildId)) {
      // Buttons act on a server, and a direct message is in none.
      const { buttons: _none, ...plain } = reply
      if (await mayHear(guildId, memberId))
        await this.#try(guildId, 'a direct message', () => poster.direct(memberId, plain))
    }
  }

  /** One place that cannot be written to keeps nothing from the others. */
  async #try(guildId: Id, where: string, post: () => Promise<unknown>): Promise<void> {
    try {
      await post()
    } catch (error) {
      if (!(error instanceof DiscordFault)) throw error
      this.#parts.log.warn({ guildId, where }, error.message)
    }
  }
}
