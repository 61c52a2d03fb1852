import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Refusal } from '#src/core/refusal.ts'

// The key that signs checkpoints (Ed25519). Whoever has it could forge the whole record, so it lies in a file of its own that its owner alone may read.

const KEY_BYTES = 32
/** What stands before an Ed25519 public key in the DER form of RFC 8410. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/** Of a private key its public half. */
export function publicBytes(key: KeyObject): Buffer {
  const half = key.type === 'private' ? createPublicKey(key) : key
  return half.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES)
}

/** Throws a `Refusal` for what is no 32 bytes of an Ed25519 public key in base64, alone or at the end of a verifier key. */
export function readPublicKey(text: string): KeyObject {
  const trimmed = text.trim()
  const bytes = Buffer.from(trimmed.slice(afterId(trimmed)), 'base64')
  const key = bytes.length === KEY_BYTES + 1 && bytes[0] === 1 ? bytes.subarray(1) : bytes
  if (key.length !== KEY_BYTES)
    throw new Refusal(
      'That is no public key of a trail. `rolecall trail key` prints it, on the machine of the bot: 44 characters that end with =.',
    )
  return createPublicKey({ key: Buffer.concat([SPKI, key]), type: 'spki', format: 'der' })
}

const VERIFIER_KEY = /^[^\s+]+\+[0-9a-f]{8}\+/

const afterId = (text: string): number => VERIFIER_KEY.exec(text)?.[0].length ?? 0

/** The key in this file; where there is none, it is made, for the eyes of its owner alone. Throws a `Refusal` that says what to do. */
export async function openKey(path: string): Promise<KeyObject> {
  const known = await readKey(path)
  if (known !== null) return known
  await makeKey(path)
  const made = await readKey(path)
  if (made === null) throw unusable(path, 'it is gone again as soon as it was made')
  return made
}

/** Null where the file is not there. */
async function readKey(path: string): Promise<KeyObject | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw unusable(path, `it cannot be read (${code ?? 'no reason given'})`)
  }
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // What the library says of it may hold a part of it.
  }
  throw unusable(path, 'it holds no Ed25519 private key in PEM form')
}

/** Beside its place first, and then there only if nobody else was quicker: two that start at once have one key. */
async function makeKey(path: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const beside = `${path}.${process.pid}.part`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(beside, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 })
    await chmod(beside, 0o600)
    await putInPlace(beside, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw unusable(path, `it cannot be written (${code ?? 'no reason given'})`)
  } finally {
    await rm(beside, { force: true })
  }
}

/** A link never takes the place of a file that is there; not every file system has links. */
async function putInPlace(beside: string, path: string): Promise<void> {
  try {
    await link(beside, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    await rename(beside, path)
  }
}

const unusable = (path: string, why: string): Refusal =>
  new Refusal(
    `The key that signs the record, ${path}, cannot be used: ${why}. Put the right file there, or name another with TRAIL_KEY_FILE. Where the key is lost, move the file away: a new one is made, and checkpoints from before are verified by the old public key.`,
  )
