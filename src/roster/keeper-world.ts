import type { Id } from '#src/core/model.ts'
import type { Clock } from './clock.ts'

/** What a keeper needs of Discord. Each of these may fail; the keeper waits and tries again. */
export interface KeeperWorld {
  /**
   * Op 8 for all members: `query` empty, `limit` 0, this nonce. Resolves when it was sent, not when it is answered: the
   * answer is the chunks among the dispatches.
   */
  askMembers(guildId: Id, nonce: string): void | Promise<void>
  /** `GET /guilds/{id}/members?limit=1000&after=`, as Discord's JSON has it. Its shape is not to be trusted. */
  listMembers(guildId: Id, after: Id): Promise<readonly unknown[]>
  /** `GET /guilds/{id}/roles/member-counts`: role id to holders. */
  roleCounts(guildId: Id): Promise<Readonly<Record<string, unknown>>>
  readonly clock: Clock
}
