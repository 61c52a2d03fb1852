import { oneLine, shorten } from '#src/core/text.ts'
import { afterColon, isRedirect, retryAfterMs, saidIn } from './answer.ts'

// What a collector's answer means, by the OTLP specification (opentelemetry.io/docs/specs/otlp).

export type Verdict =
  | { readonly kind: 'taken' }
  | Partly
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'too large'; readonly reason: string }
  /** Nothing more is wanted there. */
  | { readonly kind: 'gone'; readonly reason: string }
  /** To be sent again. */
  | { readonly kind: 'trouble'; readonly reason: string; readonly retryAfterMs: number | null }

/** So many of the request's records are refused for good, and nobody says which; it must not be sent again. */
export interface Partly {
  readonly kind: 'partly'
  readonly rejected: number
  readonly said: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Null where it is longer than any collector's. */
  readonly body: string | null
}

/** "Retryable Response Codes". All other 4xx and 5xx must not be sent again. */
const AGAIN = new Set([429, 502, 503, 504])

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'The collector cannot read the event',
  401: 'The collector does not know who sends. Put SINK_OTLP_HEADERS right',
  403: 'The collector does not take events from this sender. Put SINK_OTLP_HEADERS right, or its permissions',
  404: 'There is no collector of logs at that address. Put SINK_OTLP_URL right; most are at /v1/logs',
  405: 'There is no collector of logs at that address. Put SINK_OTLP_URL right; most are at /v1/logs',
  410: 'The collector says that it is gone for good. See whether its address has changed',
  413: 'The event is larger than the collector allows',
  415: 'The collector does not take OTLP in JSON. Switch its JSON on, or put another in between',
}

const KINDS: Readonly<Record<number, 'too large' | 'gone'>> = { 410: 'gone', 413: 'too large' }

const trouble = (reason: string, wait: number | null = null): Verdict => ({
  kind: 'trouble',
  reason,
  retryAfterMs: wait,
})

export function verdictOf({ status, headers, body }: Answer, now: number): Verdict {
  if (status === 200) return successOf(body)
  const said = `${afterColon(saidIn(body ?? '', headers.get('content-type')))} (${status})`
  if (AGAIN.has(status))
    return trouble(`The collector asks for patience${said}.`, retryAfterMs(headers.get('retry-after'), now))
  if (isRedirect(status))
    return trouble(
      `The collector sends on to another address (${status}), which is not followed. Set SINK_OTLP_URL to where it is now.`,
    )
  // Of success the specification knows 200 alone. What answers 204 may have taken the events, or thrown them away.
  if (status < 400) return trouble(`What answered is no OTLP collector (${status}). See that SINK_OTLP_URL is right.`)
  const reason = `${MEANINGS[status] ?? 'The collector refuses the event'}${said}.`
  return { kind: KINDS[status] ?? 'refused', reason }
}

const NO_COLLECTOR =
  'What answered 200 is no OTLP collector: it did not answer with JSON. See that SINK_OTLP_URL is right and no proxy stands in between.'
const NOT_UNDERSTOOD = 'The collector says that it took a part of the events, and not how many.'

/** Nothing counts as delivered by an answer that no collector gives, such as the page of a proxy: it is sent again until one does. */
function successOf(body: string | null): Verdict {
  if (body === '') return { kind: 'taken' }
  const answer = objectIn(body)
  if (answer === null) return trouble(NO_COLLECTOR)
  const { partialSuccess: partial } = answer
  if (partial === undefined || partial === null) return { kind: 'taken' }
  if (typeof partial !== 'object') return trouble(NOT_UNDERSTOOD)
  const { rejectedLogRecords = 0, errorMessage = '' } = partial as Record<string, unknown>
  // 64 bits, so mostly a string in JSON.
  const rejected = /^\d{1,15}$/.test(String(rejectedLogRecords)) ? Number(rejectedLogRecords) : null
  if (rejected === null) return trouble(NOT_UNDERSTOOD)
  // None rejected and a message is a suggestion to whoever sends.
  if (rejected === 0) return { kind: 'taken' }
  return { kind: 'partly', rejected, said: shorten(oneLine(String(errorMessage)).trim(), SHOWN) }
}

/** Characters of a collector's message that are shown to an operator. */
const SHOWN = 200

function objectIn(body: string | null): Readonly<Record<string, unknown>> | null {
  try {
    const read: unknown = JSON.parse(body ?? '')
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : null
  } catch {
    return null
  }
}
