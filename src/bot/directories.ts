import { type Config, ConfigFault } from '#src/config.ts'
import type { Directory } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import { nativeDirectory } from '#src/identity/native.ts'
import { readBounded } from '#src/snapshot/bounded-file.ts'
import { readIdentityFile } from '#src/snapshot/identity-file.ts'
import { readingFile } from '#src/snapshot/in-file.ts'
import type { Db } from '#src/store/handle.ts'

/** Gives each guild its identity directory, as the operator chose: the bot's own tables, or one file for all. */
export async function makeDirectories(config: Config, db: Db, now: () => number): Promise<(guildId: Id) => Directory> {
  if (config.identity.source === 'snapshot') {
    const directory = await fileDirectory(config.identity.file, now)
    return () => directory
  }
  if (config.identity.source !== 'native')
    throw new ConfigFault(
      `IDENTITY_SOURCE=${config.identity.source} is not read by this version of the bot. Use native or snapshot.`,
    )
  const made = new Map<Id, Directory>()
  return (guildId) => {
    const known = made.get(guildId) ?? nativeDirectory(db, guildId, now)
    made.set(guildId, known)
    return known
  }
}

/** Read once: a file that changes under a running bot would be half-read sooner or later. */
async function fileDirectory(path: string, now: () => number): Promise<Directory> {
  return memoryDirectory('snapshot', readingFile(path, await readBounded(path), readIdentityFile), now)
}
