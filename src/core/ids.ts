import type { Id } from './model.ts'
import type { Span } from './text-column.ts'

// An id as two 32-bit halves, which is how the columns keep it: a number cannot hold 64 bits, and a BigInt costs an allocation.

/** Where `readId` leaves its answer, so that a million ids are read without making a million objects. */
export interface Halves {
  high: number
  low: number
}

/** 2^64-1 has twenty digits. */
const LONGEST = 20
const BILLION = 1e9
const TWO_16 = 2 ** 16
const TWO_32 = 2 ** 32
const LOW_16 = 0xffff

/** The digits from `start` to `end` as a number, or -1 where one of them is none. At most nine, which keeps it a small integer. */
function digits(text: string, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** Reads decimal digits without leading zeros, up to 2^64-1, exactly. False for anything else, and then `into` is not touched. */
export function readId(text: unknown, into: Halves): boolean {
  if (typeof text !== 'string' || text.length === 0 || text.length > LONGEST) return false
  if (text.length > 1 && text.charCodeAt(0) === 48) return false
  const second = Math.max(0, text.length - 18)
  const third = Math.max(0, text.length - 9)
  const lead = digits(text, 0, second)
  const front = digits(text, second, third)
  const back = digits(text, third, text.length)
  return lead >= 0 && front >= 0 && back >= 0 && join(lead * BILLION + front, back, into)
}

/** The same of digits among bytes. */
export function readIdBytes({ bytes, from, to }: Span, into: Halves): boolean {
  const length = to - from
  if (length === 0 || length > LONGEST || (length > 1 && bytes[from] === 48)) return false
  const second = from + Math.max(0, length - 18)
  const third = from + Math.max(0, length - 9)
  const lead = byteDigits(bytes, from, second)
  const front = byteDigits(bytes, second, third)
  const back = byteDigits(bytes, third, to)
  return lead >= 0 && front >= 0 && back >= 0 && join(lead * BILLION + front, back, into)
}

function byteDigits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** front x 10^9 + back, in steps that stay below 2^53. `& LOW_16` is the remainder: the bit operators count modulo 2^32. */
function join(front: number, back: number, into: Halves): boolean {
  const upper = Math.floor(front / TWO_16) * BILLION
  const lower = (upper & LOW_16) * TWO_16 + (front & LOW_16) * BILLION + back
  const high = Math.floor(upper / TWO_16) + Math.floor(lower / TWO_32)
  if (high >= TWO_32) return false
  into.high = high
  into.low = lower >>> 0
  return true
}

/** The decimal digits of high x 2^32 + low: long division by 10^9, in steps that stay below 2^53. */
export function toId(high: number, low: number): Id {
  const whole = high * TWO_32 + low
  if (whole <= Number.MAX_SAFE_INTEGER) return String(whole)
  const first = Math.floor(high / BILLION)
  const middle = (high - first * BILLION) * TWO_16 + (low >>> 16)
  const second = Math.floor(middle / BILLION)
  const last = (middle - second * BILLION) * TWO_16 + (low & LOW_16)
  const third = Math.floor(last / BILLION)
  const front = first * TWO_32 + second * TWO_16 + third
  return String(front) + String(BILLION + (last - third * BILLION)).slice(1)
}

/** Whether Discord could have sent this as an id. */
export function isId(text: unknown): text is Id {
  return readId(text, { high: 0, low: 0 })
}
