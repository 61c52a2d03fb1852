import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Id } from '#src/core/model.ts'

// What one line of the record says, and how it is chained to the line before it. Whoever verifies uses the same.

export interface TrailLine {
  /** Null: the chain of the whole installation. */
  readonly guildId: Id | null
  /** 1, 2, 3 … in its chain. */
  readonly seq: number
  /** A uuid v7. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly type: string
  readonly actor: string
  readonly subject: string
  readonly cause: string | null
  readonly run: string | null
  /** `texts`, where there is one, holds the commitment to each text of a person that the side table keeps. */
  readonly data: Readonly<Record<string, unknown>>
}

export interface ChainedLine extends TrailLine {
  readonly prevHash: string
  /** sha256 of `prevHash` and the canonical line, as 64 hex digits. */
  readonly hash: string
}

/** Stands for the hash before a chain's first line. */
export const FIRST_HASH = '0'.repeat(64)

/** The line in RFC 8785 form: every field but the two hashes; `seq` as a string of digits, `at` in ISO 8601 with milliseconds, UTC. */
export function canonicalLine({ guildId, seq, id, at, type, actor, subject, cause, run, data }: TrailLine): string {
  const text = canonicalize({
    guildId,
    seq: String(seq),
    id,
    at: new Date(at).toISOString(),
    type,
    actor,
    subject,
    cause,
    run,
    data,
  })
  if (text === undefined) throw new TypeError('A line of the trail has no canonical form.')
  return text
}

/** sha256 over the 64 hex digits of the line before and the canonical line, both as UTF-8. */
export function hashOf(prevHash: string, line: TrailLine): string {
  return createHash('sha256').update(prevHash).update(canonicalLine(line)).digest('hex')
}

/** `sha256:` and the hex digest of the salt's bytes followed by the text in UTF-8. */
export function commitmentTo(text: string, saltHex: string): string {
  return `sha256:${createHash('sha256').update(Buffer.from(saltHex, 'hex')).update(text).digest('hex')}`
}
