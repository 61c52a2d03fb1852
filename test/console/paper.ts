import { PassThrough } from 'node:stream'

export type Paper = NodeJS.WriteStream & { text(): string }

/** Somewhere to write that remembers what was written: a pipe, or a terminal of so many columns. */
export function paper(terminal?: { readonly columns: number; readonly colours?: boolean }): Paper {
  let written = ''
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => {
    written += chunk.toString()
  })
  const kind = terminal && { isTTY: true, columns: terminal.columns, hasColors: () => terminal.colours ?? false }
  return Object.assign(stream, kind, { text: () => written }) as unknown as Paper
}
