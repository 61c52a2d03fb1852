/** Of a signing secret, in bytes, by the Standard Webhooks specification. */
const SHORTEST_KEY = 24
const LONGEST_KEY = 64
/** More than two are never needed while one takes the place of another. */
const MOST_KEYS = 2

export const MAKE_ONE = 'Make one with: echo "whsec_$(openssl rand -base64 32)"'
const FORM = `must be whsec_ and 24 to 64 random bytes in base64. ${MAKE_ONE}`
const TOO_MANY =
  'must hold one secret, or two with a comma between them while receivers go from the old one to the new one.'

/** The keys in what a setting says, or what is amiss in words that repeat nothing of it. */
export function keysOf(text: string): readonly Uint8Array[] | { readonly fault: string } {
  const keys = text.split(',').map((secret) => keyOf(secret.trim()))
  if (keys.length > MOST_KEYS) return { fault: TOO_MANY }
  const known = keys.filter((key) => key !== null)
  return known.length === keys.length ? known : { fault: FORM }
}

function keyOf(secret: string): Uint8Array | null {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1]
  if (text === undefined) return null
  const key = Buffer.from(text, 'base64')
  // What was cut in the middle decodes too, but does not encode to itself.
  const isWhole = key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')
  return isWhole && key.length >= SHORTEST_KEY && key.length <= LONGEST_KEY ? key : null
}
