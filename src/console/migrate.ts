import { configFromEnvironment } from '#src/config.ts'
import { out } from './lines.ts'
import { withStore } from './open.ts'

/** `rolecall migrate`: so that the address of whoever owns the tables need not stand where the bot runs. */
export function migrateNow(): Promise<number> {
  return withStore(configFromEnvironment(), async () => {
    out('The tables are those of this version.')
    return 0
  })
}
