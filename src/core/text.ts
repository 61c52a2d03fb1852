// Text that people typed, on its way to other people's eyes. Every function keeps code points whole.

/** The first `max` code points, nothing added. A lone surrogate counts as one. */
export function cutCodePoints(text: string, max: number): string {
  if (text.length <= max) return text
  let at = 0
  for (let taken = 0; taken < max && at < text.length; taken++) at += text.codePointAt(at)! > 0xffff ? 2 : 1
  return text.slice(0, at)
}

/** At most `max` code points, the last an ellipsis where something was left out. */
export function shorten(text: string, max: number): string {
  const cut = cutCodePoints(text, max)
  return cut.length === text.length ? text : `${cutCodePoints(cut, max - 1)}…`
}

const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu
/** Control characters, and the marks that turn the direction of the text around them. */
const UNSEEN = /[\p{Cc}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu

/** One line without anything that moves a cursor, rings a bell or turns text around: fit for a terminal or a log. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(LINE_BREAKS, ' ').replace(UNSEEN, '')
}

const MARKDOWN = /[\\*_~|>#[\]()<:-]/gu
/** A list number at the start of a line, which Discord would draw as a list. */
const NUMBERED = /^(\d+)\./u
const LOOKALIKE_OF_BACKTICK = 'ˋ'
const NOTHING_SEEN = '\u200b'

/**
 * What people typed as plain text in a Discord message: no markdown, no mention, no link, no code, one line.
 * Inside a code span a backslash is shown and a backtick ends the span, so the backtick is replaced rather than escaped.
 * Escaping makes text longer: cut first.
 */
export function plainText(text: string): string {
  return oneLine(text)
    .replace(MARKDOWN, '\\$&')
    .replace(NUMBERED, '$1\\.')
    .replaceAll('`', LOOKALIKE_OF_BACKTICK)
    .replaceAll('@', `@${NOTHING_SEEN}`)
    .replaceAll('//', `/${NOTHING_SEEN}/`)
}
