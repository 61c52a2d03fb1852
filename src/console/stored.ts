import { type Config, configFromEnvironment } from '#src/config.ts'
import { type Directory, type DirectoryNames, DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import { DiscordFault } from '#src/discord/faults.ts'
import { makeLooker } from '#src/discord/looker.ts'
import { makeRest } from '#src/discord/rest.ts'
import { identityImport } from './identity.ts'
import { withStore } from './open.ts'
import { settingsApply, settingsShow } from './settings.ts'
import { withSource } from './source.ts'

// The commands that work on the bot's own database, each with the store opened for its time.

export const importPeople = (file: string, options: Parameters<typeof identityImport>[1]): Promise<number> =>
  withStore(configFromEnvironment(), (world) => identityImport(file, options, world))

export const showSettings = (options: Parameters<typeof settingsShow>[0]): Promise<number> =>
  withStore(configFromEnvironment(), (world) => settingsShow(options, world))

export function applySettings(file: string, options: Parameters<typeof settingsApply>[1]): Promise<number> {
  const config = configFromEnvironment()
  return withStore(config, (world) =>
    withSource(config, world.db, (source) => {
      const namesOf = (guildId: Id) => namesIn(source.of(guildId))
      return settingsApply(file, options, { ...world, namesOf, roleIdsOf: (guildId) => roleIdsIn(config, guildId) })
    }),
  )
}

/** Null where there is no token, or Discord does not answer: settings may be written before either is there. */
async function roleIdsIn({ token, apiUrl }: Config, guildId: Id): Promise<ReadonlySet<Id> | null> {
  if (token === null) return null
  try {
    return await makeLooker(makeRest({ token, apiUrl })).roleIds(guildId)
  } catch (error) {
    if (error instanceof DiscordFault) return null
    throw error
  }
}

/** Null where the source does not answer: what is set is not held up by it. */
async function namesIn(directory: Directory): Promise<DirectoryNames | null> {
  try {
    return (await directory.find([])).names
  } catch (error) {
    if (error instanceof DirectoryUnreachable) return null
    throw error
  }
}
