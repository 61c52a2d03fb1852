import { type ByteFields, NULL_PLACE } from './fields.ts'

// Rows as MariaDB and MySQL send them in answer to a question in text: each value behind its length.

/** What the driver calls the payload of one message: the bytes from `offset` up to `end`. */
export interface Packet {
  readonly buffer: Buffer
  readonly offset: number
  readonly end: number
}

const NULL = 251
const TWO_BYTES = 252
const THREE_BYTES = 253
const EIGHT_BYTES = 254

/** The message behind the last row begins like a value of more than 16 MiB, and is shorter than any such. */
const LONGEST_END = 8

export const isEnd = ({ buffer, offset, end }: Packet): boolean =>
  buffer[offset] === EIGHT_BYTES && end - offset <= LONGEST_END

/** How many warnings the server has, as the message behind the last row says. */
export const warningsIn = ({ buffer, offset }: Packet): number => buffer.readUInt16LE(offset + 1)

export function readRow({ buffer, offset, end }: Packet, fields: ByteFields): void {
  const { places } = fields
  let place = 0
  for (let at = offset; at < end; ) {
    if (place === places.length) throw new RangeError('A row has more columns than any question asks for.')
    const first = buffer[at++]!
    if (first === NULL) {
      places[place] = NULL_PLACE
      place += 2
      continue
    }
    let length = first
    if (first > NULL) {
      const bytes = widthOf(first)
      length = buffer.readUIntLE(at, Math.min(bytes, 6))
      at += bytes
    }
    if (at + length > end) throw new RangeError('A value is longer than its row.')
    places[place] = at
    at += length
    places[place + 1] = at
    place += 2
  }
  fields.open(buffer, place / 2)
}

function widthOf(first: number): number {
  if (first === TWO_BYTES) return 2
  if (first === THREE_BYTES) return 3
  if (first === EIGHT_BYTES) return 8
  throw new RangeError('A value begins with what is no length.')
}
