import { type Line, type Names, readMarkdown } from '#src/console/markdown.ts'
import type { Tone } from '#src/console/screen.ts'
import type { Seen } from '#src/sandbox/post.ts'

// An answer of the bot's as Discord shows it, before it is broken into lines of a terminal's width.

export interface Shown {
  readonly tone: Tone
  readonly lines: readonly Line[]
}

export interface ShownButton {
  readonly id: string
  readonly label: string
  readonly disabled: boolean
}

interface Embed {
  readonly title?: string
  readonly description?: string
  readonly color?: number
  readonly fields?: readonly { readonly name: string; readonly value: string }[]
  readonly footer?: { readonly text: string }
}

interface Row {
  readonly components?: readonly { readonly custom_id: string; readonly label: string; readonly disabled?: boolean }[]
}

export const embedOf = (seen: Seen): Embed => (seen.embeds[0] ?? {}) as Embed

/** The buttons of an answer, in the order in which they are numbered. */
export const buttonsOf = (seen: Seen): readonly ShownButton[] =>
  (seen.components as readonly Row[]).flatMap(({ components = [] }) =>
    components.map(({ custom_id, label, disabled = false }) => ({ id: custom_id, label, disabled })),
  )

/** Title, text, fields, buttons and foot, top to bottom. */
export function showMessage(seen: Seen, names: Names): Shown {
  const { title, description, color = 0, fields = [], footer } = embedOf(seen)
  const parts: (readonly Line[])[] = [
    textLines(seen.content, names),
    title === undefined ? [] : [readMarkdown(title, names, 'bold')],
    textLines(description ?? '', names),
    ...fields.map(({ name, value }) => [readMarkdown(name, names, 'dim'), ...textLines(value, names)]),
    buttonLine(buttonsOf(seen)),
    footer === undefined ? [] : [[{ text: footer.text, look: 'dim' }]],
  ]
  return { tone: toneOf(color), lines: joined(parts.filter((part) => part.length > 0)) }
}

/** The paragraphs of the answer that hold this, without the rest. */
export function excerpt(seen: Seen, holding: string, names: Names): readonly Line[] {
  const paragraphs = (embedOf(seen).description ?? '').split('\n\n').filter((text) => text.includes(holding))
  return paragraphs.flatMap((text) => textLines(text, names))
}

const joined = (parts: readonly (readonly Line[])[]): readonly Line[] =>
  parts.flatMap((part, index) => (index === 0 ? part : [[], ...part]))

const textLines = (text: string, names: Names): readonly Line[] =>
  text === '' ? [] : text.split('\n').map((line) => readMarkdown(line, names))

function buttonLine(buttons: readonly ShownButton[]): readonly Line[] {
  if (buttons.length === 0) return []
  const pieces = buttons.flatMap(({ label, disabled }, index) => [
    { text: index === 0 ? '' : '  ', look: 'plain' as const },
    { text: `[${index + 1} ${label}]`, look: disabled ? ('dim' as const) : ('bold' as const) },
  ])
  return [pieces.filter(({ text }) => text !== '')]
}

/** The bot's colours by their strongest part. */
function toneOf(color: number): Shown['tone'] {
  const [red, green, blue] = [(color >> 16) & 0xff, (color >> 8) & 0xff, color & 0xff] as const
  if (red > 0xa0) return green > 0x80 ? 'warn' : 'bad'
  return green > blue ? 'good' : 'plain'
}
