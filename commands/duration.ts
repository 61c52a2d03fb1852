import { Refusal } from '#src/core/refusal.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS }

const DURATION = /^(\d{1,4})\s*(h|d|w)(?:ours?|ays?|eeks?)?$/

/** Whoever means longer than a year means for good, and should say so. */
const LONGEST_MS = 366 * DAY_MS

/** `12h`, `7d`, `2 weeks`, `never`: milliseconds from now, null for what never ends. A `Refusal` for anything else. */
export function readDuration(typed: string): number | null {
  const text = typed.trim().toLowerCase()
  if (text === 'never') return null
  const [, count, unit] = DURATION.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN)
  if (Number.isNaN(ms) || ms === 0)
    throw new Refusal(
      'Say for how long as `12h` (hours), `7d` (days), `4w` (weeks) or `never`, which means until it is lifted. Nothing was changed.',
    )
  if (ms > LONGEST_MS)
    throw new Refusal(
      'That is longer than a year. Say `never` if it shall hold until it is lifted. Nothing was changed.',
    )
  return ms
}
