import { z } from 'zod'
import { pathText, SnapshotFault } from './fault.ts'
import { readTime } from './time.ts'

// The smallest parts of the file formats. Each message completes a sentence that opens with the path of the fault.

export const id = z.string().regex(/^(?:0|[1-9]\d*)$/u, {
  error: 'must be a string of decimal digits without leading zeros',
})

export const share = z.number().refine((value) => value >= 0 && value <= 1, { error: 'must be a number from 0 to 1' })

export const count = z.int().refine((value) => value >= 0, { error: 'must be a whole number from 0 up' })

/** In milliseconds since the epoch. */
export const time = z.string().transform((text, context) => {
  const read = readTime(text)
  if (read !== null) return read
  context.addIssue({ code: 'custom', message: 'must be an ISO 8601 time with a zone, such as 2026-11-22T12:00:00Z' })
  return z.NEVER
})

/** An object whose keys people chose, as a Map: a plain object would lose one called `__proto__`. */
export function named<S extends z.ZodType>(value: S) {
  const toMap = (raw: unknown) => (isPlainObject(raw) ? new Map(Object.entries(raw)) : raw)
  return z.preprocess(toMap, z.map(z.string(), value))
}

function isPlainObject(raw: unknown): raw is object {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}

/** Reads a value, or throws one sentence about the first fault in it. `at` is where the value stands in its file. */
export function readShape<S extends z.ZodType>(shape: S, value: unknown, at: readonly PropertyKey[] = []): z.output<S> {
  const read = shape.safeParse(value, { error: sentenceOf })
  if (read.success) return read.data
  const { path, message } = deepest(read.error.issues[0]!)
  throw new SnapshotFault([...at, ...path], `${message}.`)
}

type Issue = z.core.$ZodIssue

const KINDS: Readonly<Record<string, string>> = {
  string: 'must be a string',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  map: 'must be an object',
}

function sentenceOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'is missing'
  if (issue.code === 'invalid_type') return KINDS[issue.expected] ?? `must be of the type ${issue.expected}`
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
  return issue.code === 'unrecognized_keys' ? 'this key is not known here' : undefined
}

/** Of a union the branch that understood most of the value; of unknown keys the first. */
function deepest(issue: Issue): { readonly path: readonly PropertyKey[]; readonly message: string } {
  if (issue.code === 'unrecognized_keys') return { path: [...issue.path, issue.keys[0]!], message: issue.message }
  if (issue.code !== 'invalid_union') return issue
  const inner = issue.errors.map((issues) => deepest(issues[0]!))
  const best = inner.reduce((a, b) => (b.path.length > a.path.length ? b : a))
  return best.path.length === 0 ? issue : { path: [...issue.path, ...best.path], message: best.message }
}

/** Refuses a list in which something comes twice. `where` completes the path from the element to the fault. */
export function refuseRepeats(
  keys: readonly string[],
  what: string,
  path: readonly PropertyKey[],
  where: readonly PropertyKey[] = [],
): void {
  const first = new Map<string, number>()
  for (const [at, key] of keys.entries()) {
    const earlier = first.get(key)
    if (earlier !== undefined) {
      throw new SnapshotFault([...path, at, ...where], `this ${what} is already at ${pathText([...path, earlier])}.`)
    }
    first.set(key, at)
  }
}
