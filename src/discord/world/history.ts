import type { HeldThen, HistoryPage, RoleHistoryFilter, RoleHistoryLine } from '#src/core/history.ts'
import type { InvocationFilter, InvocationLine } from '#src/core/invocation-history.ts'
import type { Id } from '#src/core/model.ts'
import type { SettingLine, SettingsFilter } from '#src/core/settings-history.ts'

interface Wanted {
  readonly offset: number
  readonly limit: number
}

/** What the record says of the past. */
export interface HistoryCommands {
  /** Changes of governed roles, the newest first. */
  roleHistory(guildId: Id, filter: RoleHistoryFilter, page: Wanted): Promise<HistoryPage<RoleHistoryLine>>
  /** What was set, granted, linked and acknowledged, the newest first. */
  settingsHistory(guildId: Id, filter: SettingsFilter, page: Wanted): Promise<HistoryPage<SettingLine>>
  /** What was asked of the bot, the newest first. */
  invocationHistory(guildId: Id, filter: InvocationFilter, page: Wanted): Promise<HistoryPage<InvocationLine>>
  /** What a member held at a moment (ms since the epoch), and by what verdict. */
  heldThen(guildId: Id, memberId: Id, at: number): Promise<HeldThen>
}
