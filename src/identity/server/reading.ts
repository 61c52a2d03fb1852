import { NotUtf8 } from './fields.ts'
import { inTime, silent, waitMs } from './in-time.ts'
import type { Line, LineParts } from './line.ts'
import { type Dialect, type Fields, MOST_ROWS, type Session } from './server.ts'

type Row = readonly (string | null)[]

/** One transaction, as the work sees it: one question after the other, each within its time, and none after something went wrong. */
export class Reading implements Session {
  readonly dialect: Dialect
  readonly #line: Line
  readonly #parts: LineParts
  #last: Promise<unknown> = Promise.resolve()
  #failed: { readonly error: unknown } | null = null
  #isOver = false

  constructor(line: Line, parts: LineParts) {
    this.#line = line
    this.#parts = parts
    this.dialect = parts.settings.address.dialect
  }

  async rows(question: string, values: readonly string[] = []): Promise<readonly Row[]> {
    const { limits, troubles } = this.#parts
    const rows: Row[] = []
    const add = (row: Row) => {
      if (rows.length === MOST_ROWS) throw troubles.say('too long')
      rows.push(row)
    }
    await this.#inTurn(limits.questionMs, (guard) =>
      inTime(this.#line, this.#parts, this.#line.rows(question, values, guard(add))),
    )
    return rows
  }

  each(question: string, onRow: (fields: Fields) => void): Promise<void> {
    return this.#inTurn(this.#parts.limits.readingMs, (guard) => {
      let count = 0
      const guarded = guard(onRow)
      const counted = (fields: Fields) => {
        count++
        guarded(fields)
      }
      return this.#whileHeard(this.#line.each(question, counted), () => count)
    })
  }

  /** Throws where a question failed, though the work took no notice of it. */
  mustBeWhole(): void {
    if (this.#failed) throw this.#failed.error
  }

  /** No question may follow. */
  end(): void {
    this.#isOver = true
  }

  /** Once rows have begun to come they may not cease for longer than a question may take; how long the first may take is bounded by the whole reading. */
  async #whileHeard(asked: Promise<void>, count: () => number): Promise<void> {
    let callOff = () => {}
    const listen = (before: number) => {
      callOff = this.#parts.clock.after(waitMs(this.#parts), () => {
        if (count() > 0 && count() === before) this.#line.drop(silent(this.#parts))
        else listen(count())
      })
    }
    listen(0)
    try {
      await asked
    } finally {
      callOff()
    }
  }

  async #inTurn(ms: number, ask: (guard: Guard) => Promise<void>): Promise<void> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    try {
      await this.#ask(ms, ask)
    } finally {
      resolve()
    }
  }

  async #ask(ms: number, ask: (guard: Guard) => Promise<void>): Promise<void> {
    if (this.#isOver) throw new Error('This reading is over; a question came too late for it.')
    if (this.#failed) throw this.#failed.error
    try {
      await inTime(this.#line, this.#parts, this.#line.limit(ms))
      await ask((onRow) => (row) => this.#give(row, onRow))
    } catch (error) {
      this.#failed = { error }
      throw error
    }
  }

  /** Where a row is refused the line is dropped with that; what follows is nobody's, for drivers read on to the end of what has arrived. */
  #give<R>(row: R, onRow: (row: R) => void): void {
    if (this.#line.isGone) return
    try {
      onRow(row)
    } catch (error) {
      this.#line.drop(error instanceof NotUtf8 ? this.#parts.troubles.say('not utf-8') : error)
    }
  }
}

type Guard = <R>(onRow: (row: R) => void) => (row: R) => void
