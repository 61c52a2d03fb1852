import type { Baseline, Vitals } from '#src/core/directory.ts'
import type { Accepted } from '#src/core/losses.ts'
import type { Id, Identity, Settings } from '#src/core/model.ts'
import type { PeopleColumns } from '#src/core/people.ts'
import type { AskedBy } from './asked-by.ts'

/** What is known of the identity source of a guild, and since when nothing is. Each method is one transaction, and each change carries its trail line in it. */
export interface SourceBook {
  /** The highest accepted counts of the last 24 hours or since a human accepted one; null before the first. */
  baseline(guildId: Id, source: string, now: number): Promise<Baseline | null>
  /** The settings and the baseline of the source, of one moment: what a verdict is measured by. */
  yardsticks(guildId: Id, source: string, now: number): Promise<Yardsticks>
  accept(guildId: Id, source: string, vitals: Vitals, now: number): Promise<void>
  /** A human takes this reading for true, whatever the check says. */
  acceptByHuman(guildId: Id, source: string, vitals: Vitals, by: AskedBy): Promise<void>
  /** Keeps who the source knew at an accepted reading, in place of those who were kept before. */
  keepAccepted(guildId: Id, source: string, people: PeopleColumns, readAt: number): Promise<void>
  /** What is kept for the guild, the newest first; one for each source that it ever had. */
  acceptedSnapshots(guildId: Id): Promise<readonly Accepted[]>
  /** Those people, some at a time and each with an empty name; nobody where none are kept. */
  acceptedPeople(guildId: Id, source: string): AsyncIterable<readonly Identity[]>
  /** True where the guild was not blind before. */
  goBlind(
    guildId: Id,
    facts: {
      readonly source: string
      readonly why: readonly string[]
      readonly problem: string | null
      readonly at: number
    },
  ): Promise<boolean>
  /** Since when it was blind; null where it was not. */
  endBlindness(guildId: Id, at: number): Promise<number | null>
  blindness(guildId: Id): Promise<{
    readonly source: string
    readonly since: number
    readonly why: readonly string[]
    readonly problem: string | null
  } | null>
}

export interface Yardsticks {
  readonly settings: Settings
  /** Null before the first accepted reading of the source. */
  readonly baseline: Baseline | null
}
