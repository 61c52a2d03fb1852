import type { Arrangements, ScheduleArrangement } from '#src/core/arrangements.ts'
import type { Id } from '#src/core/model.ts'
import { dueOf, MOST_JITTER_MS, type Slot } from '#src/core/schedule.ts'

// Begins the looks that are due by schedule. Whether they may do anything is decided by the gates, like of every other run.

export interface ScheduleParts {
  guildIds(): Iterable<Id>
  readonly book: {
    arrangements(guildId: Id): Promise<Arrangements>
    slot(guildId: Id): Promise<Slot | null>
    setSlot(guildId: Id, slot: Pick<Slot, 'expression' | 'nextAt'>): Promise<void>
    clearSlot(guildId: Id): Promise<void>
    /** Moves the slot on where it is still the one expected; true for the one whose look it is to start. */
    startSlot(
      guildId: Id,
      expectedNextAt: number,
      to: { readonly nextAt: number; readonly startedAt: number },
    ): Promise<boolean>
  }
  /** The first moment after now that the expression names, ms since the epoch; null where it never comes or cannot be read. */
  nextAfter(schedule: Pick<ScheduleArrangement, 'expression' | 'timeZone'>): number | null
  /** From 0 to 1. */
  random(): number
  /** Whether a look could be made now: this bot acts, and the guild's roster is live. Until then a slot that is due waits. */
  isReady(guildId: Id): boolean
  /** Makes the look; resolves when it has ended. */
  start(guildId: Id, schedule: ScheduleArrangement): Promise<unknown>
  /** What an operator should know: a look that could not be begun. */
  notice(message: string, facts: Readonly<Record<string, unknown>>): void
}

export class Schedule {
  readonly #parts: ScheduleParts
  readonly #underWay = new Set<Id>()
  #ticking = false

  constructor(parts: ScheduleParts) {
    this.#parts = parts
  }

  /** Begins what is due; `now` in ms since the epoch. Called several times a minute; one tick at a time, and never rejects. */
  async tick(now: number): Promise<void> {
    if (this.#ticking) return
    this.#ticking = true
    for (const guildId of this.#parts.guildIds()) await this.#tryGuild(guildId, now)
    this.#ticking = false
  }

  async #tryGuild(guildId: Id, now: number): Promise<void> {
    try {
      await this.#tickGuild(guildId, now)
    } catch (error) {
      this.#parts.notice('a schedule could not be looked at', { guild: guildId, error })
    }
  }

  async #tickGuild(guildId: Id, now: number): Promise<void> {
    const { book } = this.#parts
    const { schedule: arranged } = await book.arrangements(guildId)
    const slot = await book.slot(guildId)
    if (arranged === null && slot === null) return
    const due = dueOf({ arranged, slot, now, next: this.#next(arranged), underWay: this.#underWay.has(guildId) })
    if (due.kind === 'never' && slot !== null) await book.clearSlot(guildId)
    if (due.kind === 'set') await book.setSlot(guildId, due)
    if (due.kind !== 'start' || arranged === null || slot === null || !this.#parts.isReady(guildId)) return
    const isOurs = await book.startSlot(guildId, slot.nextAt, { nextAt: due.nextAt, startedAt: now })
    if (isOurs) void this.#start(guildId, arranged)
  }

  #next(arranged: ScheduleArrangement | null): number | null {
    const next = arranged && this.#parts.nextAfter(arranged)
    return next === null ? null : next + Math.floor(this.#parts.random() * MOST_JITTER_MS)
  }

  async #start(guildId: Id, arranged: ScheduleArrangement): Promise<void> {
    this.#underWay.add(guildId)
    try {
      await this.#parts.start(guildId, arranged)
    } catch (error) {
      this.#parts.notice('a scheduled look could not be made', { guild: guildId, error })
    } finally {
      this.#underWay.delete(guildId)
    }
  }
}
