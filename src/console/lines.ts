import { oneLine } from '#src/core/text.ts'
import { columns } from '#src/identity/words.ts'

// What a command says: its result to standard output, everything else to standard error.

/** Writes one line. A terminal that is narrower gets it broken between words; what has line breaks of its own is laid out already. */
export const lineTo = (stream: NodeJS.WriteStream) => (line: string) => void stream.write(`${fitted(line, stream)}\n`)
export const out = lineTo(process.stdout)
export const err = lineTo(process.stderr)

/** Text of several lines without anything that steers a terminal: what was typed, or what others wrote, may stand in a sentence. */
export const harmless = (text: string): string => text.split('\n').map(oneLine).join('\n')

/** The line as it fits this stream. A word that is wider alone stays whole: an address is there to be copied. */
export function fitted(line: string, stream: NodeJS.WriteStream): string {
  const room = stream.isTTY ? stream.columns : 0
  if (!room || widthOf(line) <= room || line.includes('\n')) return line
  const [indent = ''] = /^ */.exec(line) ?? []
  const lines: string[] = []
  let now = ''
  for (const word of line.trim().split(' ')) {
    const longer = now === '' ? `${indent}${word}` : `${now} ${word}`
    if (now === '' || widthOf(longer) <= room) now = longer
    else {
      lines.push(now)
      now = `${indent}  ${word}`
    }
  }
  return [...lines, now].join('\n')
}

const widthOf = (text: string): number => [...text].reduce((sum, point) => sum + columns(point), 0)
