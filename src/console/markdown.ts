import { oneLine } from '#src/core/text.ts'
import { columns } from '#src/identity/words.ts'

// Discord's markdown, as far as the bot speaks it, for a terminal: pieces of text with a look each, in lines of a width.

export type Look = 'plain' | 'bold' | 'code' | 'mention' | 'dim'

export interface Piece {
  readonly text: string
  readonly look: Look
}

export type Line = readonly Piece[]

/** What mentions and times are read as. */
export interface Names {
  member(id: string): string
  role(id: string): string
  channel(id: string): string
  /** Milliseconds since the epoch. */
  now(): number
}

const MARKS =
  /\\([\\*_~|>#[\]()<:-])|\*\*((?:\\.|[^\\])+?)\*\*|`([^`\n]+)`|<(@!?|@&|#)(\d{1,20})>|<t:(\d{1,12})(?::([tTdDfFR]))?>/gu

/** One line of markdown. What is no markdown that the bot uses stays as it is written. */
export function readMarkdown(text: string, names: Names, look: Look = 'plain'): Line {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(MARKS)) {
    pieces.push({ text: text.slice(from, match.index), look }, ...read(match, names, look))
    from = match.index + match[0].length
  }
  pieces.push({ text: text.slice(from), look })
  // Nothing that people typed may move the cursor or turn the text around it.
  return pieces.map((piece) => ({ ...piece, text: oneLine(piece.text) })).filter((piece) => piece.text !== '')
}

function read([, escaped, bold, code, sign, id, time, form]: RegExpExecArray, names: Names, look: Look): Line {
  if (escaped !== undefined) return [{ text: escaped, look }]
  if (bold !== undefined) return readMarkdown(bold, names, 'bold')
  if (code !== undefined) return [{ text: `\`${code}\``, look: 'code' }]
  if (id !== undefined) return [{ text: mentionWords(sign, id, names), look: 'mention' }]
  const at = Number(time) * 1_000
  return [{ text: form === 'R' ? agoWords(names.now() - at) : momentWords(at), look }]
}

function mentionWords(sign: string | undefined, id: string, names: Names): string {
  if (sign === '#') return `#${names.channel(id)}`
  return `@${sign === '@&' ? names.role(id) : names.member(id)}`
}

/** To the minute, in the one time zone that means the same to everybody. */
const momentWords = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

function agoWords(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1_000)
  const words = seconds < 5 ? 'a moment' : seconds < 90 ? `${seconds} seconds` : hourWords(Math.round(seconds / 60))
  return milliseconds >= -5_000 ? `${words} ago` : `in ${words}`
}

function hourWords(minutes: number): string {
  if (minutes < 90) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}

/** In columns of a terminal, where some characters take two and some none. */
const widthOf = (text: string): number => [...text].reduce((sum, point) => sum + columns(point), 0)

/** Breaks a line between words so that no part is wider than `width`; a word that is wider alone is cut. */
export function wrap(line: Line, width: number): readonly Line[] {
  const lines: Piece[][] = [[]]
  let used = 0
  for (const word of wordsOf(line, width)) {
    const size = word.reduce((sum, { text }) => sum + widthOf(text), 0)
    const isGap = word[0]?.text === ' '
    if (used > 0 && used + size > width) {
      lines.push([])
      used = 0
    }
    if (isGap && used === 0 && lines.length > 1) continue
    lines.at(-1)!.push(...word)
    used += size
  }
  return lines
}

/** Words and the single blanks between them; pieces that touch make one word. */
function wordsOf(line: Line, width: number): readonly Line[] {
  const words: Piece[][] = []
  let touching = false
  for (const { text, look } of line) {
    // A command that fits a line stays on one, so that it can be copied.
    const isWhole = look === 'code' && widthOf(text) <= width
    for (const part of isWhole ? [text] : text.split(/( )/u).filter((piece) => piece !== '')) {
      if (part === ' ' || !touching) words.push([])
      words.at(-1)!.push({ text: part, look })
      touching = part !== ' '
    }
  }
  return words.flatMap((word) => cutWord(word, width))
}

function cutWord(word: Line, width: number): readonly Line[] {
  if (word.reduce((sum, { text }) => sum + widthOf(text), 0) <= width) return [word]
  return word.flatMap(({ text, look }) => chunks(text, width).map((chunk) => [{ text: chunk, look }]))
}

function chunks(text: string, width: number): readonly string[] {
  const parts = ['']
  let used = 0
  for (const point of text) {
    used += columns(point)
    if (used > width) {
      parts.push('')
      used = columns(point)
    }
    parts[parts.length - 1] += point
  }
  return parts
}
