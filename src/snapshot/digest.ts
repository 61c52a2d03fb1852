import { createHash, type Hash, hash } from 'node:crypto'
import { setImmediate as letOthers } from 'node:timers/promises'
import canonicalize from 'canonicalize'

/** Entries of a list in one go: some milliseconds of them. */
const STEP = 500

/** `sha256:` and the hex digest of the value's RFC 8785 form: the same for the same value, in whatever order its keys were written. */
export function digestOf(value: unknown): string {
  return `sha256:${hash('sha256', canonicalOf(value), 'hex')}`
}

/** The same of an object whose lists are long, with a turn for everybody else in between: a million findings take a minute. */
export async function digestInSteps(value: Readonly<Record<string, unknown>>): Promise<string> {
  const digest = createHash('sha256')
  // By UTF-16 code units, as RFC 8785 wants it.
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
  for (const [at, key] of keys.entries()) {
    digest.update(`${at === 0 ? '{' : ','}${canonicalOf(key)}:`)
    const own = value[key]
    if (Array.isArray(own)) await addList(digest, own)
    else digest.update(canonicalOf(own))
  }
  digest.update(keys.length === 0 ? '{}' : '}')
  return `sha256:${digest.digest('hex')}`
}

async function addList(digest: Hash, list: readonly unknown[]): Promise<void> {
  digest.update('[')
  for (let from = 0; from < list.length; from += STEP) {
    if (from > 0) await letOthers()
    const texts = list.slice(from, from + STEP).map(canonicalOf)
    digest.update(`${from === 0 ? '' : ','}${texts.join(',')}`)
  }
  digest.update(']')
}

function canonicalOf(value: unknown): string {
  const canonical = canonicalize(value)
  if (canonical === undefined) throw new TypeError('Only what JSON can say has a digest.')
  return canonical
}
