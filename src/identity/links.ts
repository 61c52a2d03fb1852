import type { Id } from '#src/core/model.ts'

/** Accounts that people have linked by hand in one guild, each with the identity that they named. */
export interface Links {
  /** Those of these accounts. */
  of(discordIds: readonly Id[]): Promise<ReadonlyMap<Id, string>>
  all(): Promise<ReadonlyMap<Id, string>>
}
