import type { ScheduleArrangement } from './arrangements.ts'

// When a guild is due to be looked at by schedule.

/** Between the beginnings of two scheduled looks of a guild, ms: a look at a large guild takes minutes, and nothing drifts so fast. */
export const LEAST_BETWEEN_MS = 600_000
/** A look begins up to so much later than its slot, ms, so that many guilds with one expression do not begin at once. */
export const MOST_JITTER_MS = 60_000

/** When a guild is due next, as it is kept across restarts. */
export interface Slot {
  /** What `nextAt` was reckoned from. */
  readonly expression: string
  readonly nextAt: number
  /** Null before the first. */
  readonly lastStartedAt: number | null
}

export type Due =
  /** Nothing is arranged, or what is arranged never comes: a slot that is kept is to be forgotten. */
  | { readonly kind: 'never' }
  /** The slot is to be kept so, and nothing is to be begun. */
  | { readonly kind: 'set'; readonly expression: string; readonly nextAt: number }
  | { readonly kind: 'wait' }
  /** To be begun, with when it is due again. */
  | { readonly kind: 'start'; readonly nextAt: number }

export interface Timetable {
  readonly arranged: ScheduleArrangement | null
  readonly slot: Slot | null
  readonly now: number
  /** The first moment after now that the expression names, with the jitter in it; null where it never comes. */
  readonly next: number | null
  /** The guild's last scheduled look has not ended. */
  readonly underWay: boolean
}

/** A slot that was missed, by however much, is made up for once; one that comes while the last look goes on is let pass. */
export function dueOf({ arranged, slot, now, next, underWay }: Timetable): Due {
  if (arranged === null || next === null) return { kind: 'never' }
  const expression = slotKeyOf(arranged)
  const anew = { kind: 'set', expression, nextAt: next } as const
  if (slot === null || slot.expression !== expression) return anew
  // The clock was set back: else everything would wait for a moment that has been.
  if (slot.nextAt > next + MOST_JITTER_MS) return anew
  if (slot.nextAt > now) return { kind: 'wait' }
  if (underWay) return anew
  return isTooSoon(slot.lastStartedAt, now) ? { kind: 'wait' } : { kind: 'start', nextAt: next }
}

/** The expression and its zone, in cron's own way of saying both: what a slot was reckoned from. */
export function slotKeyOf({ expression, timeZone }: ScheduleArrangement): string {
  return `CRON_TZ=${timeZone} ${expression}`
}

function isTooSoon(lastStartedAt: number | null, now: number): boolean {
  return lastStartedAt !== null && lastStartedAt <= now && now - lastStartedAt < LEAST_BETWEEN_MS
}
