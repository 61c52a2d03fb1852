const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:Z|([+-])(\d\d)(?::?(\d\d))?)$/u

/** An ISO 8601 time with a zone, in milliseconds since the epoch; null for anything else. What is finer than a millisecond is cut off. */
export function readTime(text: string): number | null {
  const parts = TIME.exec(text)
  if (parts === null) return null
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as SixNumbers
  const zoneHours = Number(parts[9] ?? 0)
  const zoneMinutes = Number(parts[10] ?? 0)
  if (hour > 23 || minute > 59 || second > 59 || zoneHours > 23 || zoneMinutes > 59) return null
  const midnight = dayAt(year, month, day)
  if (midnight === null) return null
  const offset = (parts[8] === '-' ? -1 : 1) * (zoneHours * 60 + zoneMinutes)
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3))
  return midnight + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds
}

type SixNumbers = [number, number, number, number, number, number]

/** Null for a day that the calendar lacks, which `Date` would carry over into the next month. */
function dayAt(year: number, month: number, day: number): number | null {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : null
}

export function writeTime(time: number): string {
  return new Date(time).toISOString()
}
