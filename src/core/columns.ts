import type { Id } from './model.ts'

// The members of a guild as columns, for the walk over a million of them. The roster keeps them; the core only reads.

export const FLAG_BOT = 1

/** Rows 0 to count-1 are in use, in no order. Bit b of a row's mask is bit (b & 31) of `words[b >>> 5][row]`. */
export interface MemberColumns {
  readonly count: number
  /** `FLAG_BOT` and others of the roster's own. */
  readonly flags: Uint8Array
  /** One column for every 32 role bits. */
  readonly words: readonly Uint32Array[]
  /** Bit to role id; undefined where the bit is free. It may name roles that the guild lacks: members carry ids of deleted ones. */
  readonly roleIds: readonly (Id | undefined)[]
  idAt(row: number): Id
  /** -1 where nobody has this id. */
  rowOf(id: Id): number
  /** The same of an id in two halves (core/ids.ts). */
  rowOfHalves(high: number, low: number): number
}
