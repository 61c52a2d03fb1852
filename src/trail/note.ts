import { hash, type KeyObject, sign, verify } from 'node:crypto'
import { publicBytes } from './key.ts'

// Signed notes, as c2sp.org/signed-note has them: a text, an empty line, and a line with a signature by a key that has a name.

const ED25519 = Buffer.of(1)
const ID_BYTES = 4
const SIGNATURE_BYTES = 64

/** `name` without blanks or plus signs. */
export function signNote(text: string, name: string, key: KeyObject): string {
  const signature = sign(null, Buffer.from(text), key)
  return `${text}\n— ${name} ${Buffer.concat([keyId(name, key), signature]).toString('base64')}\n`
}

/** The text of a note that this key has signed under this name, and nobody else; null for anything else, down to the last bit. */
export function openNote(note: string, name: string, key: KeyObject): string | null {
  const end = note.lastIndexOf('\n\n')
  if (end < 0) return null
  const text = note.slice(0, end + 1)
  const signed = readSignature(note.slice(end + 2), name)
  if (signed === null || !signed.subarray(0, ID_BYTES).equals(keyId(name, key))) return null
  return verify(null, Buffer.from(text), key, signed.subarray(ID_BYTES)) ? text : null
}

function readSignature(line: string, name: string): Buffer | null {
  const start = `— ${name} `
  if (!line.startsWith(start) || !line.endsWith('\n')) return null
  return fromBase64(line.slice(start.length, -1), ID_BYTES + SIGNATURE_BYTES)
}

/** Only the one way to write these bytes is taken: base64 has several, of which a changed bit could choose another. */
export function fromBase64(text: string, length: number): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length && bytes.toString('base64') === text ? bytes : null
}

const keyId = (name: string, key: KeyObject): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), ED25519, publicBytes(key)]), 'buffer').subarray(0, ID_BYTES)

/** The key as those who verify notes take it: `<name>+<id>+<key>`. */
export const verifierKey = (name: string, key: KeyObject): string =>
  `${name}+${keyId(name, key).toString('hex')}+${Buffer.concat([ED25519, publicBytes(key)]).toString('base64')}`
