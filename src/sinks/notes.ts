import type { Db } from '#src/store/handle.ts'
import type { Log } from '#src/telemetry/log.ts'
import { clearTrouble, noteTrouble, type Parked, switchOff } from './cursors.ts'
import { TRIES } from './pause.ts'

interface NotesParts {
  readonly db: Db
  readonly log: Log
}

/** What comes of a sink's calls, kept for whoever asks how it stands, and said in the log where somebody should look. */
export class Notes {
  readonly #sink: string
  readonly #parts: NotesParts
  #isTroubled = false

  constructor(sink: string, parts: NotesParts) {
    this.#sink = sink
    this.#parts = parts
  }

  /** As it is kept by now. */
  set isTroubled(is: boolean) {
    this.#isTroubled = is
  }

  parked(lines: readonly Parked[]): void {
    if (lines.length === 0) return
    const fields = { sink: this.#sink, lines: lines.length, first: lines[0] }
    this.#parts.log.warn(fields, PARKED)
  }

  /** Nothing of the sink's is in trouble any more. */
  async recovered(): Promise<void> {
    if (!this.#isTroubled) return
    this.#isTroubled = false
    await clearTrouble(this.#parts.db, this.#sink)
    this.#parts.log.info({ sink: this.#sink }, 'A sink takes what it is given again.')
  }

  /** `failed`: how many times in a row. */
  async troubled(chain: string, failed: number, why: string, pauseMs: number, at: number): Promise<void> {
    const fields = { sink: this.#sink, ...(chain !== '' && { guildId: chain }), why, pauseMs }
    if (failed === 1) this.#parts.log.warn(fields, 'A sink did not take what it was given. It is tried again.')
    if (failed === TRIES) this.#parts.log.error(fields, STILL_TROUBLED)
    this.#isTroubled = true
    await noteTrouble(this.#parts.db, this.#sink, why, at)
  }

  async gone(why: string, at: number): Promise<void> {
    await switchOff(this.#parts.db, this.#sink, why, at)
    this.#parts.log.warn({ sink: this.#sink, why }, SWITCHED_OFF)
  }
}

const PARKED = 'A sink refused lines of the record for good. They are parked; `rolecall sinks status` shows them.'
const SWITCHED_OFF =
  'A sink wants no more and is switched off. Nothing is lost: what it misses waits until `rolecall sinks retry`.'
const STILL_TROUBLED =
  'A sink still does not take what it is given. Nothing is lost: it is tried again every minute; `rolecall sinks status` says more.'
