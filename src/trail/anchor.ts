import { hash } from 'node:crypto'

// A place beyond the reach of whoever has the database, where the signed checkpoints are kept: what the record was can then be shown to anybody.

export interface Anchor {
  /** What a person reads; names no address. */
  readonly kind: 'file' | 'webhook'
  /** By which it is known again after a restart. */
  readonly name: string
  /** Throws `AnchorTrouble` where it could not be kept. */
  keep(note: string, signal: AbortSignal): Promise<void>
}

/** `message` ends a sentence that begins with the anchor, and holds no address. */
export class AnchorTrouble extends Error {
  override readonly name = 'AnchorTrouble'
}

const DIGEST_LENGTH = 16

/** Another place is another anchor, which is given everything. Its address may be a secret, so only a digest of it is kept. */
export const anchorName = (kind: Anchor['kind'], where: string): string =>
  `${kind}:${hash('sha256', where, 'hex').slice(0, DIGEST_LENGTH)}`
