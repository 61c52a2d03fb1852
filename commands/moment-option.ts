import { Refusal } from '#src/core/refusal.ts'
import type { Option } from '#src/discord/command.ts'

// A moment that has passed, as people type it.

/** Longer is no date. */
const LONGEST = 40

export const momentOption = (name: string, description: string, required = false): Option => ({
  ...{ name, description, type: 'string', maxLength: LONGEST },
  ...(required && { required }),
})

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }
const AGO = /^(\d{1,4})\s*([hdw])$/
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i
const STAMP = /^<t:(\d{1,12})(?::[a-zA-Z])?>$/

/** `2026-01-31`, `2026-01-31 18:00` (UTC), an ISO moment, Discord's `<t:…>`, or `7d` for seven days ago. Milliseconds since the epoch; throws `Refusal`. */
export function readMoment(typed: string, option: string, now: number): number {
  const text = typed.trim()
  const at = ago(text.toLowerCase(), now) ?? stamped(text) ?? dated(text)
  if (at === null || Number.isNaN(at))
    throw new Refusal(
      `\`${option}\` is no time that I can read. Write it as \`2026-01-31\`, \`2026-01-31 18:00\` (in UTC), or \`7d\` for seven days ago.`,
    )
  if (at > now) throw new Refusal(`\`${option}\` lies in the future, and the record speaks of what was.`)
  return at
}

function ago(text: string, now: number): number | null {
  const [, count, unit] = AGO.exec(text) ?? []
  return unit === undefined ? null : now - Number(count) * UNITS[unit]!
}

function stamped(text: string): number | null {
  const [, seconds] = STAMP.exec(text) ?? []
  return seconds === undefined ? null : Number(seconds) * 1_000
}

function dated(text: string): number | null {
  const [, day, time = '00:00', zone = 'Z'] = DATE.exec(text) ?? []
  if (day === undefined) return null
  const at = Date.parse(`${day}T${time}${zone.toUpperCase()}`)
  // 2026-02-31 is read as a day of March.
  const isThere = Number.isNaN(at) || new Date(`${day}T00:00Z`).toISOString().startsWith(day)
  return isThere ? at : null
}
