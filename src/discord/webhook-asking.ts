// One request to a webhook, and what is read of its answer. Errors of the HTTP client name the address, so none of them goes past this file.

export type Answer =
  | { readonly kind: 'told'; readonly status: number; readonly headers: Headers; readonly body: Body }
  /** No whole answer came; `code` is the system's word for it. */
  | { readonly kind: 'silent'; readonly code: string | null }
  /** Whoever asked no longer waits. */
  | { readonly kind: 'given_up' }

type Body = Readonly<Record<string, unknown>>

/** A message comes back with about 10 KB; of whatever else answers there, no more is read. */
const MOST_BYTES = 256 * 1_024
const AGENT = 'DiscordBot (rolecall, 1)'

/** Posts the body, or only reads where there is none. Never rejects, and follows no redirect: the body would go to somebody else. */
export async function ask(address: URL, body: object | null, longestMs: number, signal?: AbortSignal): Promise<Answer> {
  const late = AbortSignal.timeout(longestMs)
  try {
    const response = await fetch(address, {
      method: body === null ? 'GET' : 'POST',
      headers: { 'user-agent': AGENT, ...(body !== null && { 'content-type': 'application/json' }) },
      body: body === null ? null : JSON.stringify(body),
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, late]) : late,
    })
    const { status, headers } = response
    return { kind: 'told', status, headers, body: readBody(await textOf(response)) }
  } catch (error) {
    if (signal?.aborted) return { kind: 'given_up' }
    return { kind: 'silent', code: late.aborted ? null : codeOf(error) }
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MOST_BYTES) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** Empty for what is no JSON object: a proxy's page. */
function readBody(text: string): Body {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Body) : {}
  } catch {
    return {}
  }
}

const CODE = /^[A-Z][A-Z_]{1,40}$/

function codeOf(error: unknown): string {
  const { cause } = (error ?? {}) as { readonly cause?: { readonly code?: unknown } }
  return typeof cause?.code === 'string' && CODE.test(cause.code) ? cause.code : 'the connection broke'
}
