import { oneLine } from '#src/core/text.ts'

// What a command says: its result to standard output, everything else to standard error.

const lineTo = (stream: NodeJS.WritableStream) => (line: string) => void stream.write(`${line}\n`)
export const out = lineTo(process.stdout)
export const err = lineTo(process.stderr)

/** Text of several lines without anything that steers a terminal: what was typed, or what others wrote, may stand in a sentence. */
export const harmless = (text: string): string => text.split('\n').map(oneLine).join('\n')
