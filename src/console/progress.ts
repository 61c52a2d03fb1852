import { oneLine } from '#src/core/text.ts'
import type { Reply } from '#src/discord/command.ts'
import { barLine, progressWords, stageWords } from './bar.ts'
import type { Screen } from './screen.ts'

/** A log that collects these lines is read by people; more of them would only make it longer. */
const PLAIN_EVERY_MS = 10_000

/** How far the bot is: one line redrawn in place on a terminal, elsewhere a plain line now and then. */
export class Progress {
  readonly #screen: Screen
  readonly #now: () => number
  #saidAt = Number.NEGATIVE_INFINITY
  #isDrawn = false

  constructor(screen: Screen, now: () => number) {
    this.#screen = screen
    this.#now = now
  }

  show(reply: Reply): void {
    if (this.#screen.isTerminal) this.#draw(lineOf(reply, this.#screen.width - 1))
    else if (this.#now() - this.#saidAt >= PLAIN_EVERY_MS) {
      this.#saidAt = this.#now()
      this.#screen.line(plainOf(reply))
    }
  }

  /** A sentence that stays. */
  note(sentence: string): void {
    this.clear()
    this.#screen.say(sentence)
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    if (this.#isDrawn) this.#screen.redraw('')
    this.#isDrawn = false
  }

  #draw(line: string): void {
    this.#screen.redraw(line)
    this.#isDrawn = true
  }
}

const lineOf = ({ progress, title }: Reply, width: number): string =>
  progress ? barLine(progress, width) : oneLine(title).slice(0, width)

function plainOf({ progress, title }: Reply): string {
  if (!progress) return oneLine(title)
  const words = progressWords(progress)
  const stage = stageWords(progress, Number.POSITIVE_INFINITY)
  return words === '' ? stage : `${stage}: ${words}`
}
