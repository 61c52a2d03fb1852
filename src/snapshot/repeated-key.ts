import { SnapshotFault } from './fault.ts'

/** The formats nest six deep. */
const DEPTH_MAX = 64

/** An object or an array that is open; `keys` is null in an array. */
interface Open {
  readonly keys: Set<string> | null
  step: string | number
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Refuses a key that comes twice in one object: `JSON.parse` keeps the last and says nothing. The text must be valid JSON. */
export function refuseRepeatedKeys(text: string): void {
  const open: Open[] = []
  let expectKey = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      const end = endOfString(text, at)
      if (expectKey) takeKey(open, text.slice(at, end))
      expectKey = false
      at = end - 1
    } else if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) {
      enter(open, unit === OPEN_OBJECT)
      expectKey = unit === OPEN_OBJECT
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_ARRAY) {
      open.pop()
      expectKey = false
    } else if (unit === COMMA) expectKey = nextOf(open)
    else if (unit === COLON) expectKey = false
  }
}

/** The index after the closing quote of the string that begins here. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) return at + 1
    if (unit === BACKSLASH) at++
  }
}

function enter(open: Open[], object: boolean): void {
  if (open.length >= DEPTH_MAX) throw new SnapshotFault(pathOf(open), `nests more than ${DEPTH_MAX} deep.`)
  open.push({ keys: object ? new Set() : null, step: object ? '' : 0 })
}

function takeKey(open: Open[], literal: string): void {
  const inner = open.at(-1)!
  const key: string = literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1)
  inner.step = key
  if (inner.keys!.has(key)) throw new SnapshotFault(pathOf(open), 'this key comes twice in one object.')
  inner.keys!.add(key)
}

/** After a comma: another element of an array, or another key. */
function nextOf(open: Open[]): boolean {
  const inner = open.at(-1)!
  if (inner.keys !== null) return true
  inner.step = Number(inner.step) + 1
  return false
}

function pathOf(open: readonly Open[]): readonly (string | number)[] {
  return open.map(({ step }) => step)
}
