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
  /** Milliseconds since the epoch. */
  now(): number
}

const MARKS =
  /\\([\\*_~|>#[\]()<:-])|\*\*((?:\\.|[^\\])+?)\*\*|`([^`\n]+)`|<@!?(\d{17,20})>|<@&(\d{17,20})>|<t:(\d{1,12}):R>/gu

/** One line of markdown. What is no markdown that the bot uses stays as it is written. */
export function readMarkdown(text: string, names: Names, look: Look = 'plain'): Line {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(MARKS)) {
    pieces.push({ text: text.slice(from, match.index), look }, ...read(match, names, look))
    from = match.index + match[0].length
  }
  pieces.push({ text: text.slice(from), look })
  return pieces.filter((piece) => piece.text !== '').map((piece) => ({ ...piece, text: unseen(piece.text) }))
}

function read([, escaped, bold, code, member, role, time]: RegExpExecArray, names: Names, look: Look): Line {
  if (escaped !== undefined) return [{ text: escaped, look }]
  if (bold !== undefined) return readMarkdown(bold, names, 'bold')
  if (code !== undefined) return [{ text: `\`${code}\``, look: 'code' }]
  if (member !== undefined) return [{ text: `@${names.member(member)}`, look: 'mention' }]
  if (role !== undefined) return [{ text: `@${names.role(role)}`, look: 'mention' }]
  return [{ text: agoWords(names.now() - Number(time) * 1_000), look }]
}

/** Nothing that people typed may move the cursor; blank joiners, which keep mentions from calling, have no width. */
const unseen = (text: string): string => text.replace(/[\p{Cc}\u200b]/gu, '')

function agoWords(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1_000)
  const words = seconds < 5 ? 'a moment' : seconds < 90 ? `${seconds} seconds` : hourWords(Math.round(seconds / 60))
  return milliseconds >= -5_000 ? `${words} ago` : `in ${words}`
}

const hourWords = (minutes: number): string =>
  minutes < 90 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`

const widthOf = (text: string): number => [...text].length

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
    for (const part of text.split(/( )/u).filter((piece) => piece !== '')) {
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
  const points = [...text]
  return Array.from({ length: Math.ceil(points.length / width) }, (_, n) =>
    points.slice(n * width, (n + 1) * width).join(''),
  )
}
