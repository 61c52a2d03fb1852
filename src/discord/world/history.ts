import type { HeldThen, HistoryPage, RoleHistoryFilter, RoleHistoryLine } from '#src/core/history.ts'
import type { Id } from '#src/core/model.ts'

/** What the record says of the past. */
export interface HistoryCommands {
  /** Changes of governed roles, the newest first. */
  roleHistory(
    guildId: Id,
    filter: RoleHistoryFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<HistoryPage<RoleHistoryLine>>
  /** What a member held at a moment (ms since the epoch), and by what verdict. */
  heldThen(guildId: Id, memberId: Id, at: number): Promise<HeldThen>
}
