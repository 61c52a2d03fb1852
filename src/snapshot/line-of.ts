import { endOfString } from './repeated-key.ts'

// Finds where something stands in the text of a file that was read already. The text must be valid JSON.

/** What may stand between two parts. */
const SPACE = /[\s,:]*/y
/** A number or a word. */
const BARE = /[^\s,\]}]+/y

/**
 * The line of what this path leads to, counted from 1; where the last steps are not there, that of what lacks them. Null where not even the first
 * step is there.
 */
export function lineOf(text: string, path: readonly PropertyKey[]): number | null {
  let at = past(SPACE, text, 0)
  for (const [depth, step] of path.entries()) {
    const inner = partAt(text, at, step)
    if (inner === null && depth === 0) return null
    if (inner === null) break
    at = inner
  }
  return text.slice(0, at).split('\n').length
}

/** Where this part of the object or list that begins at `at` stands; of a key that comes twice, the last. Null where there is none. */
function partAt(text: string, at: number, step: PropertyKey): number | null {
  const inObject = text[at] === '{'
  if (!inObject && text[at] !== '[') return null
  let found: number | null = null
  let place = past(SPACE, text, at + 1)
  for (let index = 0; place < text.length && text[place] !== '}' && text[place] !== ']'; index++) {
    const key = inObject ? endOfString(text, place) : place
    const value = past(SPACE, text, key)
    const name = inObject ? String(JSON.parse(text.slice(place, key))) : index
    if (name === step) found = value
    place = past(SPACE, text, pastValue(text, value))
  }
  return found
}

/** The index after the value that begins here. */
function pastValue(text: string, start: number): number {
  let at = start
  let depth = 0
  do {
    const here = text[at]
    if (here === '{' || here === '[') depth++
    if (here === '}' || here === ']') depth--
    at = here === '"' ? endOfString(text, at) : '{}[]'.includes(here ?? '') ? at + 1 : past(BARE, text, at)
    if (depth > 0) at = past(SPACE, text, at)
  } while (depth > 0 && at < text.length)
  return at
}

function past(form: RegExp, text: string, at: number): number {
  form.lastIndex = at
  return form.test(text) ? form.lastIndex : at
}
