const FORM =
  'must be pairs such as authorization=Bearer%20abc,x-scope=7: a name, = and a value, with commas between them. In a value, write a comma, a space and a % as %2C %20 %25.'
const OURS =
  'names a header that is not yours to set: content-type, content-length, content-encoding, host, connection, transfer-encoding, user-agent.'

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
/** What an HTTP header's value can hold, in Latin-1. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const NOT_YOURS = /^(?:content-(?:type|length|encoding)|host|connection|transfer-encoding|user-agent)$/
/** Shorter values (a tenant's number) are no secrets, and to hide them would hide every such number everywhere. */
const SHORTEST_SECRET = 8

/** The headers in what a setting says, in the form that OTEL_EXPORTER_OTLP_HEADERS has too, or what is amiss in words that repeat nothing of it. */
export function headersOf(text: string): Readonly<Record<string, string>> | { readonly fault: string } {
  const headers: Record<string, string> = {}
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim().toLowerCase()
    const value = decoded(pair.slice(at + 1).trim())
    if (at < 0 || !NAME.test(name) || value === null || !VALUE.test(value)) return { fault: FORM }
    if (NOT_YOURS.test(name)) return { fault: OURS }
    headers[name] = value
  }
  return headers
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** What must never be seen of them: each value, and what stands behind its scheme (`Bearer abc`). */
export function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(headers)
    .flatMap((value) => [value, value.replace(/^\S+\s+/, '')])
    .filter(({ length }) => length >= SHORTEST_SECRET)
}
