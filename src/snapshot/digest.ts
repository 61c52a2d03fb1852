import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** `sha256:` and the hex digest of the value's RFC 8785 form: the same for the same value, in whatever order its keys were written. */
export function digestOf(value: unknown): string {
  const canonical = canonicalize(value)
  if (canonical === undefined) throw new TypeError('Only what JSON can say has a digest.')
  return `sha256:${hash('sha256', canonical, 'hex')}`
}
