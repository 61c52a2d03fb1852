import type { Arrangements } from '#src/core/arrangements.ts'
import type { Capability } from '#src/core/capability.ts'
import type { Id, Settings } from '#src/core/model.ts'
import type { By } from './by.ts'

/** What is set, granted and arranged in a server; each change is recorded with who made it and why. */
export interface SettingCommands {
  /** Throws `Refusal` before the first acknowledgement, and for `schedule` where none is set. */
  arm(guildId: Id, what: 'schedule' | 'realtime', by: By): Promise<void>
  disarm(guildId: Id, what: 'schedule' | 'realtime', by: By): Promise<void>
  settings(guildId: Id): Promise<Settings>
  /**
   * Changes settings in one transaction: `edit` is given them as they are and returns those that shall be different. Records each that changed.
   * Arming and the first-run lock are not changed by this.
   */
  changeSettings(
    guildId: Id,
    edit: (settings: Settings) => Partial<Settings>,
    by: By,
  ): Promise<{ readonly before: Settings; readonly after: Settings; readonly changed: readonly string[] }>
  arrangements(guildId: Id): Promise<Arrangements>
  /** Throws `Refusal` where an expression, a time zone or a channel cannot be used, with what is wrong with it. */
  arrange(guildId: Id, change: Partial<Arrangements>, by: By): Promise<Arrangements>
  capabilities(guildId: Id): Promise<ReadonlyMap<Capability, readonly Id[]>>
  grantCapability(guildId: Id, capability: Capability, roleId: Id, by: By): Promise<'granted' | 'had it'>
  revokeCapability(guildId: Id, capability: Capability, roleId: Id, by: By): Promise<'revoked' | 'had it not'>
  /** Whether this member gets the notices by direct message. */
  subscribed(guildId: Id, memberId: Id): Promise<boolean>
  subscribe(guildId: Id, memberId: Id, wanted: boolean, by: By): Promise<void>
  /** Takes roles (or `kick`) out of quarantine; returns those that were in it. */
  release(guildId: Id, what: readonly (Id | 'kick')[], by: By): Promise<readonly (Id | 'kick')[]>
}
