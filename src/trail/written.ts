import { type ChainedLine, canonicalLine } from './line.ts'

// The record as a file, `rolecall-trail/1`: a line of JSON for each line of a chain, in order, and last a signed checkpoint over them all. What is
// hashed stands in it byte for byte between two parts of fixed length, so that whoever verifies it needs no JSON of their own to hash.

const [BEFORE_HASH, BEFORE_LINE, BEFORE_PREVIOUS, END] = ['{"hash":"', '","line":', ',"prevHash":"', '"}']
const HASH_LENGTH = 64

/** Without a line break. The whole is in RFC 8785 form too. */
export const writtenLine = (line: ChainedLine): string =>
  `${BEFORE_HASH}${line.hash}${BEFORE_LINE}${canonicalLine(line)}${BEFORE_PREVIOUS}${line.prevHash}${END}`

const BEFORE_NOTE = '{"checkpoint":'

export const writtenCheckpoint = (note: string): string => `${BEFORE_NOTE}${JSON.stringify(note)}}`

/** A line of a chain as it stands in a file. `said` is the line in the form that is hashed; it was not looked into. */
export interface ReadLine {
  readonly kind: 'line'
  readonly hash: string
  readonly prevHash: string
  readonly said: Buffer
}

export interface ReadNote {
  readonly kind: 'checkpoint'
  readonly note: string
}

/** Where a chain begins whose oldest lines were removed: the hash of the last of them, the roots of the complete subtrees over them (64 hex digits each), and the signed checkpoint over them. */
export interface Truncation {
  readonly head: string
  readonly peaks: string
  readonly note: string
}

const BEFORE_TRUNCATION = '{"truncated":'

export const writtenTruncation = ({ head, peaks, note }: Truncation): string =>
  `${BEFORE_TRUNCATION}${JSON.stringify({ head, note, peaks })}}`

export interface ReadTruncation extends Truncation {
  readonly kind: 'truncation'
}

const HASH_FROM = BEFORE_HASH.length
const HASH_TO = HASH_FROM + HASH_LENGTH
const SAID_FROM = HASH_TO + BEFORE_LINE.length
const AFTER_SAID = BEFORE_PREVIOUS.length + HASH_LENGTH + END.length

/** Null for what is none of them. */
export function readWritten(bytes: Buffer): ReadLine | ReadNote | ReadTruncation | null {
  const begins = (text: string) => bytes.toString('latin1', 0, text.length) === text
  if (begins(BEFORE_NOTE)) return readNote(bytes)
  return begins(BEFORE_TRUNCATION) ? readTruncation(bytes) : readLine(bytes)
}

function readLine(bytes: Buffer): ReadLine | null {
  const saidTo = bytes.length - AFTER_SAID
  if (saidTo < SAID_FROM) return null
  const ascii = (from: number, to: number) => bytes.toString('latin1', from, to)
  const previousFrom = saidTo + BEFORE_PREVIOUS.length
  const isFramed =
    ascii(0, HASH_FROM) === BEFORE_HASH &&
    ascii(HASH_TO, SAID_FROM) === BEFORE_LINE &&
    ascii(saidTo, previousFrom) === BEFORE_PREVIOUS &&
    ascii(bytes.length - END.length, bytes.length) === END
  if (!isFramed) return null
  const hash = ascii(HASH_FROM, HASH_TO)
  const prevHash = ascii(previousFrom, previousFrom + HASH_LENGTH)
  return { kind: 'line', hash, prevHash, said: bytes.subarray(SAID_FROM, saidTo) }
}

/** Only what `writtenCheckpoint` writes of a note: JSON has many ways to write the same text. */
function readNote(bytes: Buffer): ReadNote | null {
  const note = jsonAfter(BEFORE_NOTE, bytes)
  const isSame = typeof note === 'string' && writtenCheckpoint(note) === bytes.toString('utf8')
  return isSame ? { kind: 'checkpoint', note } : null
}

const HASH = /^[0-9a-f]{64}$/
const PEAKS = /^(?:[0-9a-f]{64}){1,64}$/

function readTruncation(bytes: Buffer): ReadTruncation | null {
  const { head, peaks, note } = (jsonAfter(BEFORE_TRUNCATION, bytes) ?? {}) as Record<string, unknown>
  if (typeof head !== 'string' || typeof peaks !== 'string' || typeof note !== 'string') return null
  const isSame = writtenTruncation({ head, peaks, note }) === bytes.toString('utf8')
  return isSame && HASH.test(head) && PEAKS.test(peaks) ? { kind: 'truncation', head, peaks, note } : null
}

function jsonAfter(start: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8').slice(start.length, -1))
  } catch {
    return null
  }
}
