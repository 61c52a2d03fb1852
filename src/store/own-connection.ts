import type { Sql } from 'postgres'
import type { Db } from './handle.ts'
import { inTime } from './in-time.ts'

/** A connection apart from the pool, for single statements. One that fails or does not answer in time is given up, and the next question has a new one. */
export class OwnConnection {
  readonly #make: () => { readonly sql: Sql; readonly db: Db }
  readonly #answerMs: number
  #open: { readonly sql: Sql; readonly db: Db } | null = null

  constructor(make: () => { readonly sql: Sql; readonly db: Db }, answerMs: number) {
    this.#make = make
    this.#answerMs = answerMs
  }

  /** Throws what the driver throws, and `StoreFault` where the answer takes too long. */
  async ask<T>(question: (db: Db) => PromiseLike<T>): Promise<T> {
    this.#open ??= this.#make()
    const asked = this.#open
    try {
      return await inTime(question(asked.db), this.#answerMs)
    } catch (error) {
      if (this.#open === asked) this.#open = null
      void close(asked.sql)
      throw error
    }
  }

  async end(): Promise<void> {
    const open = this.#open
    this.#open = null
    if (open) await close(open.sql)
  }
}

const close = (sql: Sql): Promise<void> => sql.end({ timeout: 0 }).catch(() => {})
