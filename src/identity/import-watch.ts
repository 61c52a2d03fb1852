import { sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Db } from '#src/store/handle.ts'
import { type Changed, Watchers } from './watchers.ts'

/** An import that was applied: its own id, that of the one before it, and whose verdict may turn. */
export interface Imported {
  readonly id: string
  readonly previous: string | null
  readonly changed: Changed
}

/** Runs a deed again and again, never twice at once, until the returned function is called. */
export type Repeat = (deed: () => Promise<void>) => () => void

/** How late an import by another process may be seen. The question is one row by an index. */
const POLL_MILLISECONDS = 5_000

export const everyFewSeconds: Repeat = (deed) => {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const again = () => {
    if (stopped) return
    timer = setTimeout(() => void deed().finally(again), POLL_MILLISECONDS)
    timer.unref()
  }
  void deed().finally(again)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

/**
 * Watches for imports into one guild: by a notice from this process, and by the newest row of the imports, since another process may make one.
 * Whoever reads while nobody watches needs no poll, so it runs only as long as somebody does.
 */
export class ImportWatch {
  readonly #db: Db
  readonly #guildId: Id
  readonly #repeat: Repeat
  readonly #watchers = new Watchers()
  /** The newest import known; undefined until the first look or notice, and kept while nobody watches so that the next to watch misses none. */
  #newest: string | null | undefined
  #stop: (() => void) | null = null

  constructor(db: Db, guildId: Id, repeat: Repeat = everyFewSeconds) {
    this.#db = db
    this.#guildId = guildId
    this.#repeat = repeat
  }

  watch(onChange: (changed: Changed) => void): () => void {
    const forget = this.#watchers.add(onChange)
    this.#stop ??= this.#repeat(() => this.#look())
    return () => {
      forget()
      if (this.#watchers.size === 0) this.#rest()
    }
  }

  /** An import that this process made. Where it does not follow on the one known, another came in between, and everybody may have changed. */
  notice({ id, previous, changed }: Imported): void {
    const follows = this.#newest === previous
    this.#newest = id
    this.#watchers.tell(follows ? changed : 'all')
  }

  #rest(): void {
    this.#stop?.()
    this.#stop = null
  }

  /** A look that fails says nothing: whoever reads people meets the same failure and is told, and the next look sees what this one missed. */
  async #look(): Promise<void> {
    const known = this.#newest
    const newest = await newestImport(this.#db, this.#guildId).catch(() => undefined)
    const overtaken = this.#newest !== known
    if (newest === undefined || overtaken || this.#stop === null) return
    this.#newest = newest
    if (known !== undefined && known !== newest) this.#watchers.tell('all')
  }
}

/** The newest import of a guild, null before the first. */
export async function newestImport(db: Db, guildId: Id): Promise<string | null> {
  const [row] = await db.execute<{ id: string }>(
    sql`select id from identity_imports where guild_id = ${guildId} order by at desc limit 1`,
  )
  return row?.id ?? null
}
