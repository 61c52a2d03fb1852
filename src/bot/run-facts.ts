import type { Id } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import { foundByRun } from '#src/store/found.ts'
import type { Record } from './record.ts'
import type { RunFacts } from './summary/news.ts'

// What is told of a run besides its line, the same in the bot's own notices and in summaries.

/** Givers named in the summary of a run, and since when they are counted. */
const GRANTORS_SHOWN = 3
const GRANTORS_SINCE_MS = 24 * 3_600_000

export const makeRunFacts = ({ book, database }: Pick<Record, 'book' | 'database'>): RunFacts => ({
  run: (guildId, runId) => book.run(guildId, runId),
  found: (guildId, runId) => foundByRun(database.db, guildId, runId),
  atStake: (guildId, runId) => book.countAtStake(guildId, runId),
  grantors: async (guildId: Id, { startedAt }: Run) => {
    const counted = await book.grantors(guildId, startedAt - GRANTORS_SINCE_MS, GRANTORS_SHOWN)
    return counted.flatMap(({ grantorId }) => grantorId ?? [])
  },
})
