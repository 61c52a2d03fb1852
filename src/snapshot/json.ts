import { quoted, SnapshotFault } from './fault.ts'
import { type NotJson, whereNotJson } from './not-json.ts'
import { refuseRepeatedKeys } from './repeated-key.ts'

/** Parses the text of a file, and says in one sentence why it cannot: `JSON.parse` would show pieces of it, and let a key come twice. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') throw new SnapshotFault([], 'The file is empty.')
  if (text.startsWith('\ufeff')) {
    throw new SnapshotFault([], 'The file begins with a byte order mark; save it as UTF-8 without one.')
  }
  const value = parsed(text)
  refuseRepeatedKeys(text)
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const fault = whereNotJson(text)
    throw new SnapshotFault([], `The file is not JSON${fault === null ? '' : `: ${placeIn(text, fault)}`}.`)
  }
}

function placeIn(text: string, { at, wanted }: NotJson): string {
  const before = text.slice(0, at).split('\n')
  const place = `line ${before.length}, column ${[...before.at(-1)!].length + 1}`
  return `at ${at < text.trimEnd().length ? place : `its end (${place})`} there should be ${wanted}`
}

/** Refuses a file whose `format` is not one of those expected, before anything else in it is complained of. */
export function formatOf<F extends string>(value: unknown, formats: readonly F[]): F {
  const expected = formats.map((format) => `"${format}"`).join(' or ')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SnapshotFault([], `The file must hold one JSON object of the format ${expected}.`)
  }
  const format: unknown = Object.hasOwn(value, 'format') ? Reflect.get(value, 'format') : undefined
  if (format === undefined) throw new SnapshotFault(['format'], `is missing; it must be ${expected}.`)
  const known = formats.find((each) => each === format)
  if (known !== undefined) return known
  throw new SnapshotFault(
    ['format'],
    `must be ${expected}${typeof format === 'string' ? `, not ${quoted(format)}` : ''}.`,
  )
}
