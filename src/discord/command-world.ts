import type { HistoryCommands } from './world/history.ts'
import type { IdentityCommands } from './world/identity.ts'
import type { ReadingCommands } from './world/readings.ts'
import type { RunCommands } from './world/runs.ts'
import type { SettingCommands } from './world/settings.ts'

/** What the commands may ask of the bot. `main` fits the loop and the store in. */
export interface CommandWorld extends RunCommands, ReadingCommands, HistoryCommands, IdentityCommands, SettingCommands {
  now(): number
}
