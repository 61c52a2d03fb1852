import { setTimeout as after } from 'node:timers/promises'
import { styleText } from 'node:util'
import { type Line, type Look, wrap } from './markdown.ts'
import type { Shown } from './message.ts'

// What a person sees, on a terminal or in a pipe: colours and pacing are for people only.

/** Wider lines are hard to read. */
const WIDEST = 80
const NARROWEST = 30
/** Between the steps of the tour, so that an eye can follow. */
const PACE_MS = 300
const TURN_MS = 100
const TURNS = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

type Style = Parameters<typeof styleText>[0]

const STYLES: Readonly<Record<Look, Style | null>> = {
  plain: null,
  bold: 'bold',
  code: 'cyan',
  mention: 'magenta',
  dim: 'dim',
}
const TONES: Readonly<Record<Shown['tone'], Style>> = { good: 'green', warn: 'yellow', bad: 'red', plain: 'blue' }

export class Terminal {
  readonly isTerminal: boolean
  readonly #out: NodeJS.WriteStream
  readonly #signal: AbortSignal
  readonly #colours: boolean

  constructor(out: NodeJS.WriteStream, signal: AbortSignal) {
    this.#out = out
    this.#signal = signal
    this.isTerminal = out.isTTY === true
    // Node looks at NO_COLOR, TERM and the like.
    this.#colours = this.isTerminal && out.hasColors()
  }

  get width(): number {
    const columns = this.isTerminal ? (this.#out.columns ?? WIDEST) : WIDEST
    return Math.max(NARROWEST, Math.min(WIDEST, columns))
  }

  line(text = ''): void {
    this.#write(`${text}\n`)
  }

  /** Text in lines that fit, each begun with `indent`. */
  say(line: string | Line, indent = ''): void {
    const pieces = typeof line === 'string' ? [{ text: line, look: 'plain' as const }] : line
    for (const part of wrap(pieces, this.width - indent.length))
      this.line(`${indent}${this.#paintLine(part)}`.trimEnd())
  }

  /** A step of the tour, titled by a sentence. */
  async step(title: string): Promise<void> {
    if (this.isTerminal) await after(PACE_MS, undefined, { signal: this.#signal })
    this.line()
    this.say([{ text: title, look: 'bold' }])
    this.line()
  }

  /** Somebody types a command. */
  typed(who: string, command: string): void {
    this.say([
      { text: `${who} ▸ `, look: 'dim' },
      { text: command, look: 'code' },
    ])
  }

  /** A message of the bot's, with the coloured bar that Discord draws beside it. */
  message({ tone, lines }: Shown): void {
    const bar = this.#paint(TONES[tone], '▌')
    for (const line of lines)
      for (const part of wrap(line, this.width - 2)) this.line(`${bar} ${this.#paintLine(part)}`.trimEnd())
  }

  /** Something that was seen to be so. */
  check(sentence: string): void {
    const [first = [], ...rest] = wrap([{ text: sentence, look: 'plain' }], this.width - 2)
    this.line(`${this.#paint('green', '✓')} ${this.#paintLine(first)}`.trimEnd())
    for (const part of rest) this.line(`  ${this.#paintLine(part)}`.trimEnd())
  }

  fault(sentence: string): void {
    this.line()
    for (const text of sentence.split('\n')) this.say(text)
  }

  /** Shows that work is under way, and for how long: turning on a terminal, in a pipe one line where `plain` is wanted. */
  async during<T>(label: () => string, work: Promise<T>, plain = true): Promise<T> {
    if (!this.isTerminal) {
      if (plain) this.line(`… ${label()}`)
      return await work
    }
    const began = Date.now()
    let turn = 0
    const timer = setInterval(() => this.#turn(TURNS[turn++ % TURNS.length]!, label(), Date.now() - began), TURN_MS)
    try {
      return await work
    } finally {
      clearInterval(timer)
      this.#write('\r\x1b[K')
    }
  }

  #turn(sign: string, label: string, milliseconds: number): void {
    const text = [...`${sign} ${label} ${Math.floor(milliseconds / 1_000)} s`].slice(0, this.width - 1).join('')
    this.#write(`\r${this.#paint('dim', text)}\x1b[K`)
  }

  #write(text: string): void {
    this.#out.write(text)
  }

  #paintLine(line: Line): string {
    return line.map(({ text, look }) => (STYLES[look] === null ? text : this.#paint(STYLES[look], text))).join('')
  }

  #paint(style: Style, text: string): string {
    return this.#colours ? styleText(style, text, { validateStream: false }) : text
  }
}
