import { ACTS_PER_SECOND } from '#src/discord/rest.ts'

// Discord's limit for single-role changes as it was seen, which the sandbox keeps to: so many a window, for each server. `scale` shortens windows.

const LIMIT = 10
const WINDOW_MS = 10_000

/** What the bot allows itself in all is for Discord's own second, and is shortened with the windows. */
export const perSecond = (scale: number): number => ACTS_PER_SECOND / scale

/** What so many removals take at least: the last window need only have begun. */
export const leastMs = (removals: number, scale: number): number =>
  (Math.ceil(removals / LIMIT) - 1) * WINDOW_MS * scale

/** One removal's share of the time. */
export const slotMs = (scale: number): number => (WINDOW_MS * scale) / LIMIT
