import { configFromEnvironment } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import { makeCheckpoint } from '#src/trail/checkpoints.ts'
import { openKey } from '#src/trail/key.ts'
import { withStore } from './open.ts'
import { wantedHeads } from './trail-export.ts'
import { tellFault } from './trail-words.ts'
import { chooseGuild } from './world.ts'

/** `rolecall trail checkpoint`: signs a server's record as it is now and prints the note, to be kept where nobody who has the database can reach. */
export function printCheckpoint({ guild }: { readonly guild?: Id }): Promise<number> {
  const config = configFromEnvironment()
  return withStore(config, async (world) => {
    const guildId = chooseGuild(guild, world)
    const [head] = await wantedHeads(world, guildId)
    const key = await openKey(config.trailKeyFile)
    try {
      process.stdout.write(await makeCheckpoint(world.db, head!, key, world.now()))
      return 0
    } catch (error) {
      return tellFault(
        error,
        'Nothing was signed. Look at who can write in the database, and keep a copy of it as it is.',
      )
    }
  })
}
