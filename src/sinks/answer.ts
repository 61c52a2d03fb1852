import { oneLine, shorten } from '#src/core/text.ts'

// What is read of an answer over HTTP, whoever gave it.

/** Of an answer's body; what OTLP's collectors and receivers of webhooks say is far shorter. */
export const LONGEST_ANSWER = 64 * 1024
/** Characters of what the other side says that are shown to an operator. */
const SHOWN = 200
/** Whoever asks for longer is asked again after this: it may have been a slip. */
const LONGEST_WAIT_MS = 3_600_000
/** RFC 9110, section 10.2.3: seconds, or a date of HTTP. */
const SECONDS = /^\d{1,9}$/
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** The wait that a `Retry-After` asks for; null where it asks for none, or is not understood. */
export function retryAfterMs(header: string | null | undefined, now: number): number | null {
  const text = header?.trim() ?? ''
  const wait = SECONDS.test(text) ? Number(text) * 1_000 : DATE.test(text) ? Date.parse(text) - now : Number.NaN
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS)
}

/** What the other side says in an answer's body, on one line; empty where it says nothing that is meant for people. */
export function saidIn(body: string, contentType: string | null | undefined): string {
  const kind = contentType ?? ''
  if (/^text\/plain\b/i.test(kind)) return shorten(oneLine(body).trim(), SHOWN)
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(kind)) return ''
  return shorten(oneLine(messageOf(body)).trim(), SHOWN)
}

function messageOf(body: string): string {
  try {
    const said: unknown = JSON.parse(body)
    if (typeof said !== 'object' || said === null) return ''
    const message = 'message' in said ? said.message : 'error' in said ? said.error : ''
    return typeof message === 'string' ? message : ''
  } catch {
    return ''
  }
}

/** `: what was said`, or nothing. */
export const afterColon = (said: string): string => (said === '' ? '' : `: ${said}`)

export const isRedirect = (status: number): boolean => status >= 300 && status < 400
