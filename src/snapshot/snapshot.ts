import type { Baseline, DirectoryNames } from '#src/core/directory.ts'
import type { Guild, Id, Identity, Invocation, Member, Settings } from '#src/core/model.ts'

/** What a snapshot file says of a member beyond what a verdict rests on. */
export interface Person {
  readonly username: string
  readonly nick: string | null
  /** Milliseconds since the epoch; null where Discord did not say. */
  readonly joinedAt: number | null
}

/** A guild, its identity source and its settings at one moment: all that a plan rests on. */
export interface Snapshot {
  /** Milliseconds since the epoch: the `now` of a replay. */
  readonly takenAt: number
  readonly guild: Guild
  readonly members: readonly Member[]
  /** A member without an entry is written without a name. */
  readonly people: ReadonlyMap<Id, Person>
  readonly identity: { readonly names: DirectoryNames; readonly identities: readonly Identity[] }
  readonly settings: Settings
  readonly invocation: Invocation
  readonly baseline: Baseline | null
}

export const SNAPSHOT_FORMAT = 'rolecall-snapshot/1'
