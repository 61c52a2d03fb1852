// What a command says: its result to standard output, everything else to standard error.

const lineTo = (stream: NodeJS.WritableStream) => (line: string) => void stream.write(`${line}\n`)
export const out = lineTo(process.stdout)
export const err = lineTo(process.stderr)
