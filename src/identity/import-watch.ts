import { sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Db } from '#src/store/handle.ts'
import { every, type Repeat } from './repeat.ts'
import { type Changed, Watchers } from './watchers.ts'

/** An import that was applied: what `readMark` said before and after it, and whose verdict may turn. */
export interface Imported {
  readonly before: string
  readonly after: string
  readonly changed: Changed
}

/** How late a change may be seen that another process made. The question is one row by an index. */
export const POLL_MILLISECONDS = 5_000

/**
 * Watches for changes to the people of one guild: by a notice of an import in this process, and by their mark, since another process may import and
 * somebody may edit the tables by hand. Whoever reads while nobody watches needs no poll, so it runs only as long as somebody does.
 */
export class ImportWatch {
  readonly #db: Db
  readonly #guildId: Id
  readonly #repeat: Repeat
  readonly #watchers = new Watchers()
  /** The mark last seen; undefined until the first look or notice, and kept while nobody watches so that the next to watch misses nothing. */
  #mark: string | undefined
  #stop: (() => void) | null = null

  constructor(db: Db, guildId: Id, repeat: Repeat = every(POLL_MILLISECONDS)) {
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

  /** An import that this process made. Where it does not follow on what was seen, another change came in between, and everybody may have changed. */
  notice({ before, after, changed }: Imported): void {
    const follows = this.#mark === before
    this.#mark = after
    this.#watchers.tell(follows ? changed : 'all')
  }

  #rest(): void {
    this.#stop?.()
    this.#stop = null
  }

  /** A look that fails says nothing: whoever reads people meets the same failure and is told, and the next look sees what this one missed. */
  async #look(): Promise<void> {
    const known = this.#mark
    const mark = await readMark(this.#db, this.#guildId).catch(() => undefined)
    const overtaken = this.#mark !== known
    if (mark === undefined || overtaken || this.#stop === null) return
    this.#mark = mark
    if (known !== undefined && known !== mark) this.#watchers.tell('all')
  }
}

/** What tells one state of a guild's people from another: their version, and where that cannot be had the newest import. Empty before the first. */
export async function readMark(db: Db, guildId: Id): Promise<string> {
  const [row] = await db.execute<{ mark: string }>(
    sql`select coalesce(identity_version(${guildId}),
      (select id::text from identity_imports where guild_id = ${guildId} order by at desc limit 1), '') as mark`,
  )
  return row?.mark ?? ''
}
