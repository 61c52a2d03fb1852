import { hash, type KeyObject } from 'node:crypto'
import { publicBytes } from './key.ts'
import { fromBase64, openNote, signNote } from './note.ts'

// Checkpoints, as c2sp.org/tlog-checkpoint has them: of which chain, how many lines, and the root of the Merkle tree over them, signed.

export interface Checkpoint {
  /** Names the chain, and is the name of the key too: `rolecall/<installation>/<guild>`. */
  readonly origin: string
  readonly size: number
  /** 32 bytes. */
  readonly root: Buffer
}

const ROOT_BYTES = 32
/** Of the digest of the public key, enough that no two installations are called alike. */
const FINGERPRINT_LENGTH = 16

/** The name of a chain (a guild's id, or `installation`) for the world: the key that signs for it is part of it. */
export const originOf = (chain: string, key: KeyObject): string =>
  `rolecall/${hash('sha256', publicBytes(key), 'hex').slice(0, FINGERPRINT_LENGTH)}/${chain}`

/** The chain's own name: a guild's id, or `installation`. */
export const chainOf = (origin: string): string => origin.slice(origin.lastIndexOf('/') + 1)

/** The signed note. */
export const signCheckpoint = ({ origin, size, root }: Checkpoint, key: KeyObject): string =>
  signNote(`${origin}\n${size}\n${root.toString('base64')}\n`, origin, key)

const SIZE = /^(?:0|[1-9]\d{0,15})$/

/** Null for a note that this key has not signed for the chain that it names, or that is no checkpoint. */
export function openCheckpoint(note: string, key: KeyObject): Checkpoint | null {
  const origin = note.slice(0, note.indexOf('\n'))
  const text = openNote(note, origin, key)
  return text === null ? null : readText(text)
}

/** The same without a look at the signature, which anybody could have made. */
export function readCheckpoint(note: string): Checkpoint | null {
  const end = note.lastIndexOf('\n\n')
  return end < 0 ? null : readText(note.slice(0, end + 1))
}

function readText(text: string): Checkpoint | null {
  const [origin = '', size = '', root = '', ...more] = text.split('\n')
  const bytes = fromBase64(root, ROOT_BYTES)
  if (!SIZE.test(size) || bytes === null || more.length !== 1 || more[0] !== '') return null
  return { origin, size: Number(size), root: bytes }
}
