import { cutUnits } from './cut.ts'

/** Discord takes 1 to 512 characters as the reason in its audit log. */
const LONGEST = 512

/** An id in brackets at the end, by which the bot knows its own entries again; it must survive any cut. */
const MARK = /\s\[[^[\]]{1,64}\]$/u

/** A reason that Discord accepts and shows on one line: cut in its middle, between code points, before the mark. */
export function auditReason(text: string): string {
  // Half a surrogate pair cannot be encoded, and would throw in the REST client.
  const line = text.toWellFormed().replace(/\s+/gu, ' ').trim()
  if (line.length <= LONGEST) return line
  const mark = MARK.exec(line)?.[0] ?? ''
  return `${cutUnits(line.slice(0, line.length - mark.length), LONGEST - mark.length - 1)}…${mark}`
}
