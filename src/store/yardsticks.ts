import { sql } from 'drizzle-orm'
import type { Baseline } from '#src/core/directory.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { type Db, Statement } from './handle.ts'
import { type ReadText, STORED_SETTINGS } from './settings.ts'
import { read } from './transact.ts'
import { ACCEPTED_COUNTS, countsOf, type ReadCounts } from './truth.ts'

/** What a verdict is measured by. */
export interface Yardsticks {
  readonly settings: Settings
  /** Null before the first accepted reading of the source. */
  readonly baseline: Baseline | null
}

/** Both, of one moment and by one question. */
export async function findYardsticks(
  db: Db,
  by: { readonly settings: ReadText; readonly counts: ReadCounts },
  guildId: Id,
  source: string,
  now: number,
): Promise<Yardsticks> {
  const asked = BOTH.with({ guildId, ...countsOf(source, now) })
  const [row] = await read(db.execute<{ settings: string; counts: string | null }>(asked))
  const { settings, counts } = row!
  return { settings: by.settings(guildId, settings), baseline: by.counts(guildId, source, counts) }
}

const BOTH = new Statement<{ guildId: Id } & ReturnType<typeof countsOf>>(
  sql`select ${STORED_SETTINGS} as settings, ${ACCEPTED_COUNTS} as counts`,
)
