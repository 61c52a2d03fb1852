// Takes secrets out of whatever is about to be shown. It knows the secrets of the configuration by their value, and those that
// arrive later (interaction and webhook tokens, connection strings in a driver's error) by their shape.

const HIDDEN = '[hidden]'

/** Values nested deeper than this are cut: what is logged is for reading, and an object of a library can be a whole world. */
const MAX_DEPTH = 6
/** Entries of one object or list that are shown. */
const MAX_ENTRIES = 50
/** Characters of one text that are shown; a stack of a driver's error with its query can be megabytes. */
const MAX_TEXT = 8_000

/** Read beyond what is shown, so that a secret at the cut is known whole before half of it is left standing. */
const MARGIN = 1_000

/**
 * What is secret by its shape. Each leaves enough standing that a reader sees what kind of thing was there. Every repetition before
 * something that must follow is bounded: these run over text of any length.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  // A webhook's or an interaction's address: the part after the id is the token.
  [/(\/webhooks\/\d+\/)[^\s/?"'\\]+/gi, `$1${HIDDEN}`],
  [/(\/interactions\/\d+\/)[^\s/?"'\\]+/gi, `$1${HIDDEN}`],
  // The user-information part of any address: scheme://name:password@host.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,200}:)[^\s/?@]{1,500}@/gi, `$1${HIDDEN}@`],
  [/\b((?:Bot|Bearer|Basic)\s+)[\w.~+/=-]{8,}/g, `$1${HIDDEN}`],
  // A bot token: the bot's id, a time and a signature, each base64url.
  [/\b[\w-]{18,40}\.[\w-]{6,7}\.[\w-]{20,80}/g, HIDDEN],
  // Interaction tokens are base64 of a text that begins with "interaction:".
  [/\baW50ZXJhY3Rpb246[\w+/=-]+/g, HIDDEN],
  [/\bwhsec_[\w+/=-]+/g, HIDDEN],
  [/([?&](?:password|pwd|token|secret|key)=)[^\s&"']+/gi, `$1${HIDDEN}`],
]

/** Keys whose value is never shown, whatever it looks like. */
const SECRET_KEY = /^(?:.*token|.*password|.*secret|authorization|cookie|requestbody)$/i

/** Hides what must not be seen in a text; anything that is shown to a person or written to a file may go through it. */
export type Scrub = (text: string) => string

/** `secrets` are hidden wherever they stand, plain or as an address writes them. Empty ones are ignored: they would match everywhere. */
export function makeScrub(secrets: readonly string[]): Scrub {
  const written = secrets.filter((secret) => secret !== '').flatMap((secret) => [secret, encodeURIComponent(secret)])
  // Longest first, so that a secret that contains another leaves no rest of itself.
  const known = [...new Set(written)].sort((a, b) => b.length - a.length)
  const margin = known.reduce((longest, { length }) => Math.max(longest, length), MARGIN)
  return (text) => {
    const over = text.length - MAX_TEXT
    if (over <= 0) return hide(text, known)
    const read = hide(text.slice(0, MAX_TEXT + margin), known)
    return `${read.slice(0, Math.min(MAX_TEXT, read.length - margin))}… (cut; ${text.length} characters in all)`
  }
}

function hide(text: string, known: readonly string[]): string {
  let clean = text
  for (const secret of known) clean = clean.replaceAll(secret, HIDDEN)
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead)
  return clean
}

/** A copy of any value that is safe to write: texts scrubbed, errors with their causes as plain objects, cycles and depth cut. */
export function scrubbed(value: unknown, scrub: Scrub, depth = 0, above: readonly object[] = []): unknown {
  if (typeof value === 'string') return scrub(value)
  if (typeof value === 'bigint' || typeof value === 'symbol') return scrub(String(value))
  if (typeof value === 'function') return '[function]'
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '[seen above]'
  if (depth >= MAX_DEPTH) return '[too deep]'
  return scrubbedObject(value, scrub, depth + 1, [...above, value])
}

function scrubbedObject(value: object, scrub: Scrub, depth: number, above: readonly object[]): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (value instanceof URL) return scrub(value.href)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Map) return scrubbedEntries([...value].slice(0, MAX_ENTRIES), value.size, scrub, depth, above)
  if (value instanceof Set || Array.isArray(value)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [...value]
    const shown = items.slice(0, MAX_ENTRIES).map((item) => scrubbed(item, scrub, depth, above))
    return items.length > MAX_ENTRIES ? [...shown, `… ${items.length - MAX_ENTRIES} more`] : shown
  }
  const entries = Object.entries(value)
  const own = scrubbedEntries(entries.slice(0, MAX_ENTRIES), entries.length, scrub, depth, above)
  return value instanceof Error ? { ...errorParts(value, scrub, depth, above), ...own } : own
}

function scrubbedEntries(
  entries: readonly (readonly [unknown, unknown])[],
  total: number,
  scrub: Scrub,
  depth: number,
  above: readonly object[],
): Record<string, unknown> {
  const clean = entries.map(([key, value]) => {
    const name = scrub(String(key))
    return [name, SECRET_KEY.test(name) && value !== null ? HIDDEN : scrubbed(value, scrub, depth, above)]
  })
  if (total > entries.length) clean.push(['…', `${total - entries.length} more`])
  return Object.fromEntries(clean)
}

/** What an error keeps out of its enumerable properties. */
function errorParts(error: Error, scrub: Scrub, depth: number, above: readonly object[]): Record<string, unknown> {
  const parts: Record<string, unknown> = { name: scrub(error.name), message: scrub(error.message) }
  if (error.stack) parts.stack = scrub(error.stack)
  if (error.cause !== undefined) parts.cause = scrubbed(error.cause, scrub, depth, above)
  if (error instanceof AggregateError) parts.errors = scrubbed(error.errors, scrub, depth, above)
  return parts
}
