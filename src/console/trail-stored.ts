import { configFromEnvironment } from '#src/config.ts'
import { TrailCheck } from '#src/trail/check.ts'
import { chainOf } from '#src/trail/checkpoint.ts'
import { keptCheckpoints } from '#src/trail/checkpoints.ts'
import { openKey, readPublicKey } from '#src/trail/key.ts'
import { readKept } from './kept-checkpoint.ts'
import { withStore } from './open.ts'
import { exportAll, wantedHeads } from './trail-export.ts'
import type { VerifyOptions } from './trail-verify.ts'
import { progressLine, sum, tellFault, tellWhole } from './trail-words.ts'

/** The same lines as an export has, checked as they come out of the database. */
export function verifyStored({ key: typed, formerKey, checkpoint, guild }: VerifyOptions): Promise<number> {
  const own = typed === undefined ? null : readPublicKey(typed)
  const former = formerKey.map(readPublicKey)
  const config = configFromEnvironment()
  return withStore(config, async (world) => {
    const signing = await openKey(config.trailKeyFile)
    const key = own ?? signing
    try {
      const elsewhere = await readKept(checkpoint, key)
      const kept = [...elsewhere, ...(await keptCheckpoints(world.db, signing))]
      const known = kept.filter(({ origin }) => guild === undefined || chainOf(origin) === guild)
      const check = new TrailCheck(signing, { known, former })
      const heads = await wantedHeads(world, guild)
      const progress = progressLine('Read', sum(heads))
      for await (const line of exportAll(world, heads, signing, progress)) check.take(Buffer.from(line))
      return tellWhole(check.end(), true, elsewhere.length > 0)
    } catch (error) {
      return tellFault(error, 'Look at who can write in the database, and keep a copy of it as it is.')
    }
  })
}
