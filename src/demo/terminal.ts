import { setTimeout as after } from 'node:timers/promises'
import { wrap } from '#src/console/markdown.ts'
import { Screen } from '#src/console/screen.ts'
import { cutTo } from '#src/identity/words.ts'
import type { Shown } from './message.ts'

// What a person sees of the demo, on a terminal or in a pipe: pacing is for people only.

/** Between the steps of the tour, so that an eye can follow. */
const PACE_MS = 300
const TURN_MS = 100
const TURNS = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Something that can be typed, and what it does. */
export type Item = readonly [typed: string, words: string]

/** In fewer columns, words beside what they are about would be a column of single words. */
const TWO_COLUMNS = 60

export class Terminal extends Screen {
  readonly #signal: AbortSignal

  constructor(out: NodeJS.WriteStream, signal: AbortSignal) {
    super(out)
    this.#signal = signal
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
    this.beside(tone, lines)
  }

  /** Something that was seen to be so. */
  check(sentence: string): void {
    const [first = [], ...rest] = wrap([{ text: sentence, look: 'plain' }], this.width - 2)
    this.line(`${this.paint('green', '✓')} ${this.paintLine(first)}`.trimEnd())
    for (const part of rest) this.line(`  ${this.paintLine(part)}`.trimEnd())
  }

  /** What can be typed, with what it does beside it, or below it where there is no room. */
  items(items: readonly Item[]): void {
    const room = Math.max(...items.map(([typed]) => typed.length)) + 2
    for (const [typed, words] of items) {
      const term = [{ text: typed, look: 'code' as const }]
      if (this.width < TWO_COLUMNS) {
        this.say(term, '  ')
        this.say(words, '    ')
      } else this.say([...term, { text: `${' '.repeat(room - typed.length)}${words}`, look: 'plain' }], '  ')
    }
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
      this.redraw('')
    }
  }

  #turn(sign: string, label: string, milliseconds: number): void {
    const time = ` ${Math.floor(milliseconds / 1_000)} s`
    this.redraw(`${cutTo(`${sign} ${label}`, this.width - 1 - time.length)}${time}`)
  }
}
