// WebSocket frames as a server writes them: whole, of text, without a mask (RFC 6455, section 5.2).

const WHOLE_TEXT = 0x81
const SHORT = 125
const TWO_BYTES = 126
const EIGHT_BYTES = 127

export function frameOf(text: string): Buffer {
  const body = Buffer.from(text)
  return Buffer.concat([headOf(body.length), body])
}

/** What stands before a body of so many bytes. */
export function headOf(length: number): Buffer {
  if (length <= SHORT) return Buffer.from([WHOLE_TEXT, length])
  const head = Buffer.alloc(length <= 0xffff ? 4 : 10)
  head[0] = WHOLE_TEXT
  head[1] = length <= 0xffff ? TWO_BYTES : EIGHT_BYTES
  if (length <= 0xffff) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
