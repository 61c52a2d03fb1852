import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** `sha256:` and the hex digest of the value's RFC 8785 (JCS) form; the value must be plain JSON. */
export function digestOf(value: unknown): string {
  const canonical = canonicalize(value)
  if (canonical === undefined) throw new Error('Only JSON values have a digest.')
  return `sha256:${createHash('sha256').update(canonical).digest('hex')}`
}
