import type { Reply } from '#src/discord/command.ts'
import { type Line, type Names, type Piece, readMarkdown } from './markdown.ts'

// An answer of a command's, for a terminal. Buttons are Discord's; what they do has a command of its own.

/** Members, roles and channels by their ids, in the form of Discord's own mentions: `@123`, `@&456`, `#789`. */
export const byId = (now: () => number): Names => ({
  member: (id) => id,
  role: (id) => `&${id}`,
  channel: (id) => id,
  now,
})

export const titleLine = (title: string, names: Names): Line => readMarkdown(title, names, 'bold')

/** Text, fields and foot, top to bottom. */
export function bodyLines({ text, fields = [], footer }: Reply, names: Names): readonly Line[] {
  return joined([
    textLines(text, names),
    ...fields.map(({ name, value }) => [readMarkdown(name, names, 'dim'), ...textLines(value, names)]),
    footer === undefined ? [] : [readMarkdown(footer, names, 'dim')],
  ])
}

const joined = (all: readonly (readonly Line[])[]): readonly Line[] =>
  all.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : [[], ...part]))

const textLines = (text: string, names: Names): readonly Line[] =>
  text === '' ? [] : text.split('\n').map((line) => readMarkdown(line, names).map(atConsole))

const SLASH = /^`\/([a-z-]+(?: [a-z-]+)?)((?: [a-z_-]+:\S+)*)`$/
/** One option alone: a digest, `sha256:…`, is none. */
const ONE_OPTION = /^`([a-z_-]+:[A-Za-z_]+)`$/
const OPTION = /([a-z_-]+):(\S+)/g

/** A slash command that an answer names, or an option of one, as it is typed here. */
function atConsole(piece: Piece): Piece {
  if (piece.look !== 'code') return piece
  const [, alone] = ONE_OPTION.exec(piece.text) ?? []
  if (alone !== undefined) return { ...piece, text: `\`${switches(alone)}\`` }
  const [, name, options = ''] = SLASH.exec(piece.text) ?? []
  return name === undefined ? piece : { ...piece, text: `\`rolecall ${name}${switches(options)}\`` }
}

const switches = (options: string): string =>
  options.replace(OPTION, (_, name: string, value: string) => `--${name} ${WORDS[value] ?? value}`)

/** As Discord's own clients write them, and as they are typed here. */
const WORDS: Readonly<Record<string, string>> = { True: 'true', False: 'false' }
