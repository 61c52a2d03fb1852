import { configFromEnvironment } from '#src/config.ts'
import { identityImport } from './identity.ts'
import { withStore } from './open.ts'
import { settingsApply, settingsShow } from './settings.ts'

// The commands that work on the bot's own database, each with the store opened for its time.

export const importPeople = (file: string, options: Parameters<typeof identityImport>[1]): Promise<number> =>
  withStore(configFromEnvironment(), (world) => identityImport(file, options, world))

export const showSettings = (options: Parameters<typeof settingsShow>[0]): Promise<number> =>
  withStore(configFromEnvironment(), (world) => settingsShow(options, world))

export const applySettings = (file: string, options: Parameters<typeof settingsApply>[1]): Promise<number> =>
  withStore(configFromEnvironment(), (world) => settingsApply(file, options, world))
