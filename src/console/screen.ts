import { styleText } from 'node:util'
import { oneLine } from '#src/core/text.ts'
import { cutTo } from '#src/identity/words.ts'
import { type Line, type Look, wrap } from './markdown.ts'

/** Wider lines are hard to read. */
const WIDEST = 80
const NARROWEST = 30

export type Tone = 'good' | 'warn' | 'bad' | 'plain'
export type Style = Parameters<typeof styleText>[0]

const STYLES: Readonly<Record<Look, Style | null>> = {
  plain: null,
  bold: 'bold',
  code: 'cyan',
  mention: 'magenta',
  dim: 'dim',
}
const TONES: Readonly<Record<Tone, Style>> = { good: 'green', warn: 'yellow', bad: 'red', plain: 'blue' }

/** Lines that fit a terminal or a pipe. Colours are for terminals, and not for those who set NO_COLOR. */
export class Screen {
  readonly isTerminal: boolean
  readonly #out: NodeJS.WriteStream
  readonly #colours: boolean

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
    this.isTerminal = out.isTTY === true
    // Node looks at NO_COLOR, TERM and the like.
    this.#colours = this.isTerminal && out.hasColors()
  }

  get width(): number {
    const columns = this.isTerminal ? (this.#out.columns ?? WIDEST) : WIDEST
    return Math.max(NARROWEST, Math.min(WIDEST, columns))
  }

  line(text = ''): void {
    this.write(`${text}\n`)
  }

  /** Text in lines that fit, each begun with `indent`. */
  say(line: string | Line, indent = ''): void {
    const pieces = typeof line === 'string' ? [{ text: line, look: 'plain' as const }] : line
    for (const part of wrap(pieces, this.width - indent.length)) this.line(`${indent}${this.paintLine(part)}`.trimEnd())
  }

  /** Lines with the coloured bar beside them that Discord draws. */
  beside(tone: Tone, lines: readonly Line[]): void {
    const bar = this.paint(TONES[tone], '▌')
    for (const line of lines)
      for (const part of wrap(line, this.width - 2)) this.line(`${bar} ${this.paintLine(part)}`.trimEnd())
  }

  /** Writes over the line on which the cursor stands, or empties it: one line, cut before the terminal would break it. Only for a terminal. */
  redraw(text: string): void {
    const room = Math.min(WIDEST, this.#out.columns || NARROWEST) - 1
    this.write(`\r${this.paint('dim', cutTo(oneLine(text), room))}\x1b[K`)
  }

  protected write(text: string): void {
    this.#out.write(text)
  }

  protected paintLine(line: Line): string {
    return line.map(({ text, look }) => (STYLES[look] === null ? text : this.paint(STYLES[look], text))).join('')
  }

  protected paint(style: Style, text: string): string {
    return this.#colours ? styleText(style, text, { validateStream: false }) : text
  }
}
