import { LateConnection, NoAuthorities } from './dial.ts'
import { NotUtf8 } from './fields.ts'
import type { Kind } from './troubles.ts'

// What the system and Node say of networks and certificates, for every kind of server.

const KINDS: Readonly<Record<string, Kind>> = {
  ENOTFOUND: 'no address',
  EAI_AGAIN: 'no address',
  EAI_NODATA: 'no address',
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  EHOSTUNREACH: 'no way',
  ENETUNREACH: 'no way',
  EHOSTDOWN: 'no way',
  EADDRNOTAVAIL: 'no way',
  EACCES: 'no way',
  ETIMEDOUT: 'no way',
  CERT_HAS_EXPIRED: 'certificate expired',
  CERT_NOT_YET_VALID: 'certificate expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate of another',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate unknown',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate unknown',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate unknown',
  CERT_SIGNATURE_FAILURE: 'certificate unknown',
  CERT_UNTRUSTED: 'certificate unknown',
  CERT_REJECTED: 'certificate unknown',
  CERT_REVOKED: 'certificate unknown',
  INVALID_CA: 'certificate unknown',
  INVALID_PURPOSE: 'certificate unknown',
  EPROTO: 'tls failed',
}

/** Null where neither the system nor Node said it. */
export function networkKind(error: unknown): Kind | null {
  if (error instanceof LateConnection) return 'late connection'
  if (error instanceof NoAuthorities) return 'no authorities'
  if (error instanceof NotUtf8) return 'not utf-8'
  const code = codeOf(error)
  if (code === undefined) return null
  return KINDS[code] ?? (/^ERR_(?:SSL|TLS)_/.test(code) ? 'tls failed' : null)
}

export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
