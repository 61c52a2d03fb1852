import type { Arrangements } from '#src/core/arrangements.ts'
import type { Id } from '#src/core/model.ts'
import type { Notice } from '#src/core/notice.ts'
import type { Reply } from '#src/discord/command.ts'
import { DiscordFault } from '#src/discord/faults.ts'
import type { Log } from '#src/telemetry/log.ts'
import { ClosedDoors } from './closed-doors.ts'

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
  /** Whether a webhook posts the same in this channel. */
  readonly isToldElsewhere: (guildId: Id, channelId: Id, notice: Notice) => boolean
  /** Whether this member may (still) be told of what goes on in the guild. */
  readonly mayHear: (guildId: Id, memberId: Id) => Promise<boolean>
  readonly now: () => number
  /** Milliseconds that only ever grow. */
  readonly elapsed: () => number
  readonly log: Log
}

/** Notices of one guild that wait to be posted. A channel takes about one a second; past this the log and the trail have to do. */
const MOST_WAITING = 100
/** How long a channel that refused a notice is left in peace, and a person who takes no messages. */
const CHANNEL_RESTS_MS = 5 * 60_000
const PERSON_RESTS_MS = 60 * 60_000

interface Line {
  readonly waiting: { readonly notice: Notice; readonly at: number }[]
  dropped: number
  posting: Promise<void> | null
}

/** Where a notice is to go, and how long that is left in peace where it is refused. */
interface Goal {
  readonly guildId: Id
  readonly where: string
  readonly place: string
  readonly restsMs: number
}

/** One line a guild, posted in order. A notice that cannot be posted is logged and gone: the trail has what it spoke of. */
export class Announcer {
  readonly #parts: AnnouncerParts
  readonly #lines = new Map<Id, Line>()
  readonly #doors: ClosedDoors
  #closed = false

  constructor(parts: AnnouncerParts) {
    this.#parts = parts
    this.#doors = new ClosedDoors(parts.elapsed)
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
    const { book, poster, isToldElsewhere, mayHear, words } = this.#parts
    const reply = await words(guildId, notice, at)
    const { channelId } = await book.arrangements(guildId)
    const toChannel = { guildId, where: 'the channel', restsMs: CHANNEL_RESTS_MS }
    if (channelId !== null && !isToldElsewhere(guildId, channelId, notice))
      await this.#try({ ...toChannel, place: `channel ${channelId}` }, () => poster.post(channelId, reply))
    const toPerson = { guildId, where: 'a direct message', restsMs: PERSON_RESTS_MS }
    for (const memberId of await book.subscribers(guildId)) {
      // Buttons act on a server, and a direct message is in none.
      const { buttons: _none, ...plain } = reply
      if (await mayHear(guildId, memberId))
        await this.#try({ ...toPerson, place: `member ${memberId}` }, () => poster.direct(memberId, plain))
    }
  }

  /** One place that cannot be written to keeps nothing from the others. */
  async #try({ guildId, where, place, restsMs }: Goal, post: () => Promise<unknown>): Promise<void> {
    if (this.#doors.isClosed(place)) return
    try {
      await post()
    } catch (error) {
      if (!(error instanceof DiscordFault)) throw error
      if (error.kind === 'refused' || error.kind === 'missing') this.#doors.close(place, restsMs)
      this.#parts.log.warn({ guildId, where }, error.message)
    }
  }
}
