import { type Directories, openDirectories } from '#src/bot/directories.ts'
import type { Config } from '#src/config.ts'
import type { Db } from '#src/store/handle.ts'

/** Opens the identity source for as long as the work takes; a connection that is left open would keep the command from ending. */
export async function withSource<T>(config: Config, db: Db, work: (source: Directories) => Promise<T>): Promise<T> {
  // A command asks once: nobody waits for changes.
  const source = await openDirectories(config, { db, now: Date.now, notice: () => {} })
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}
