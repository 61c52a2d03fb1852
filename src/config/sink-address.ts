const FORM = 'must be a whole address such as https://collector.example.org/v1/logs, without spaces.'
const OPEN =
  'must begin with https:// so that nobody reads along. Only where SINK_ALLOW_PRIVATE=true may it be http://, for a receiver in a network of your own.'

type Read = string | { readonly fault: string }

/** Where an OTLP collector takes logs, or what is amiss in words that repeat nothing of it. */
export function collectorAddress(text: string): Read {
  const url = addressIn(
    text,
    'must hold no user and no password: put them into SINK_OTLP_HEADERS, as authorization=Basic%20 and both in base64.',
  )
  if ('fault' in url) return url
  // What stands alone is the collector; OpenTelemetry says where in it logs are taken.
  if (url.pathname === '/') url.pathname = '/v1/logs'
  return url.href
}

/** Where a webhook's receiver is. */
export function receiverAddress(text: string): Read {
  const url = addressIn(text, 'must hold no user and no password: the signature says who sends.')
  return 'fault' in url ? url : url.href
}

function addressIn(text: string, noUser: string): URL | { readonly fault: string } {
  const url = /^https?:\/\/\S+$/i.test(text) && URL.canParse(text) ? new URL(text) : null
  if (url === null || url.hash !== '') return { fault: FORM }
  return url.username + url.password === '' ? url : { fault: noUser }
}

/** What is amiss with a receiver's address in the light of what else is set; null: nothing. */
export const openAddress = (url: string, allowPrivate: boolean): string | null =>
  url.startsWith('https:') || allowPrivate ? null : OPEN

/** What must never be seen of an address: all of it, and what stands behind the host, where tokens stand. */
export function secretsInAddress(text: string): readonly string[] {
  const url = URL.canParse(text) ? new URL(text) : null
  const behind = url === null ? '' : url.pathname + url.search
  return [text, ...(url ? [url.href] : []), ...(behind.length >= SHORTEST_SECRET && behind !== LOGS ? [behind] : [])]
}

/** Where logs are taken by default, which anybody may see. */
const LOGS = '/v1/logs'
/** Shorter ones are no secrets, and would be hidden wherever they stand by chance. */
const SHORTEST_SECRET = 8
