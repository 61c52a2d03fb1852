// Source text with everything blanked that is not code, so that a rule about code is not set off by a comment or a message.

/** A slash after one of these begins a regular expression; after anything else it divides. */
const BEFORE_PATTERN = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|await|yield))$/

interface Cursor {
  readonly text: string
  at: number
  /** The code so far, as long as the text read. */
  code: string
  /** Depth of braces at which each open `${` closes. */
  readonly holes: number[]
  depth: number
}

/** The same length and lines as `text`; comments, and what stands inside strings, templates and patterns, become spaces. Quotes stay. */
export function blank(text: string): string {
  const cursor: Cursor = { text, at: 0, code: '', holes: [], depth: 0 }
  while (cursor.at < text.length) step(cursor)
  return cursor.code
}

function step(cursor: Cursor): void {
  const rest = cursor.text.slice(cursor.at, cursor.at + 2)
  const mark = rest[0]!
  if (rest === '//') hide(cursor, endOf(cursor, '\n'))
  else if (rest === '/*') hide(cursor, endOf(cursor, '*/') + 2)
  else if (mark === '"' || mark === "'") quoted(cursor, mark)
  else if (mark === '`') template(cursor)
  else if (mark === '/' && BEFORE_PATTERN.test(cursor.code.trimEnd().slice(-12))) pattern(cursor)
  else if (mark === '}' && cursor.holes.at(-1) === cursor.depth) template(cursor)
  else {
    if (mark === '{') cursor.depth += 1
    if (mark === '}') cursor.depth -= 1
    show(cursor)
  }
}

function show(cursor: Cursor): void {
  cursor.code += cursor.text[cursor.at]
  cursor.at += 1
}

function hide(cursor: Cursor, end: number): void {
  cursor.code += cursor.text.slice(cursor.at, end).replace(/[^\n]/g, ' ')
  cursor.at = Math.min(end, cursor.text.length)
}

function endOf(cursor: Cursor, mark: string): number {
  const found = cursor.text.indexOf(mark, cursor.at)
  return found < 0 ? cursor.text.length : found
}

function quoted(cursor: Cursor, quote: string): void {
  show(cursor)
  let end = cursor.at
  while (end < cursor.text.length && cursor.text[end] !== quote) end += cursor.text[end] === '\\' ? 2 : 1
  hide(cursor, end)
  if (cursor.at < cursor.text.length) show(cursor)
}

/** Enters a template, or goes on in it after a hole; stops behind its end or behind the next hole's `${`. */
function template(cursor: Cursor): void {
  if (cursor.text[cursor.at] === '}') cursor.holes.pop()
  show(cursor)
  let end = cursor.at
  while (end < cursor.text.length && cursor.text[end] !== '`' && cursor.text.slice(end, end + 2) !== '${')
    end += cursor.text[end] === '\\' ? 2 : 1
  hide(cursor, end)
  if (cursor.text[cursor.at] === '$') {
    cursor.holes.push(cursor.depth)
    show(cursor)
  }
  if (cursor.at < cursor.text.length) show(cursor)
}

function pattern(cursor: Cursor): void {
  show(cursor)
  let end = cursor.at
  let inClass = false
  while (end < cursor.text.length && (inClass || cursor.text[end] !== '/') && cursor.text[end] !== '\n') {
    if (cursor.text[end] === '[') inClass = true
    if (cursor.text[end] === ']') inClass = false
    end += cursor.text[end] === '\\' ? 2 : 1
  }
  hide(cursor, end)
  if (cursor.text[cursor.at] === '/') show(cursor)
}

export const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length
