import type { Id, Identity, LinkedAccount } from './model.ts'
import type { PeopleColumns } from './people.ts'

// What an identity database must be able to say. Each source is a door of its own in src/identity; the loop knows only this.

/** The names that the source knows, with or without people in them: silence about a group is not its absence. */
export interface DirectoryNames {
  readonly groups: readonly string[]
  readonly states: readonly string[]
  /** Role names (compared lower-cased) that the source keeps to itself; never governed. */
  readonly reservedNames: readonly string[]
}

/** The counts by which a sick source is told from a healthy one (SEMANTICS section 7). */
export interface Vitals {
  readonly identities: number
  /** Distinct Discord ids that somebody has linked. */
  readonly linked: number
  /** Identities that are active and (superuser or permitted). */
  readonly withAccess: number
  readonly perGroup: ReadonlyMap<string, number>
  readonly perState: ReadonlyMap<string, number>
}

/** The highest accepted counts, number by number; see `checkTruth`. */
export type Baseline = Omit<Vitals, 'identities'>

/** What every answer of a directory carries, read in the same transaction as the people in it. */
export interface Reading {
  readonly names: DirectoryNames
  readonly vitals: Vitals
  /** False where the source could not be read to its end. */
  readonly complete: boolean
  /** False where the source has no access permission at all: wrong database, or its Discord service is not installed. */
  readonly permissionExists: boolean
  /** Milliseconds since the epoch at which the reading began. */
  readonly readAt: number
}

export interface Found extends Reading {
  /** Every asked id is a key. An empty list: the directory answered, and nobody claims this id. Two or more: a conflict. */
  readonly claims: ReadonlyMap<Id, readonly Identity[]>
  /** Those of the asked identities that there are. */
  readonly identities: ReadonlyMap<string, Identity>
}

export interface DirectorySnapshot extends Reading {
  readonly people: PeopleColumns
}

/** How it comes to be known that somebody has changed there. */
export type Noticing =
  /** The source says it by itself, whatever changes; it is asked now and then all the same. */
  | { readonly kind: 'told'; readonly askedMs: number }
  /**
   * It is asked every so often. `listens`: what its owner has it say by itself is heard as well. `tells`: it says everything by itself, and at this moment
   * that is not heard.
   */
  | { readonly kind: 'asked'; readonly everyMs: number; readonly listens: boolean; readonly tells: boolean }
  /** What was read once stays as it is. */
  | { readonly kind: 'never' }

/** A read-only identity database. A source that cannot be reached throws `DirectoryUnreachable`; it never answers with emptiness. */
export interface Directory {
  /** What the operator calls this source: `native`, `snapshot-file`, … */
  readonly source: string
  /** Who claims these Discord ids, and what these identities are, of one moment. */
  find(memberIds: readonly Id[], identityIds?: readonly string[]): Promise<Found>
  snapshot(): Promise<DirectorySnapshot>
  /** The accounts that an identity has linked, the main one first; for people to read, never for a verdict. */
  accounts(identityId: string): Promise<readonly LinkedAccount[]>
  /** Calls `onChange` with the Discord ids whose people changed, or `all`. Returns what stops the watching. */
  watch(onChange: (changed: readonly Id[] | 'all') => void): () => void
  /** How the changes are noticed of which `watch` tells; for people to read. */
  noticing(): Promise<Noticing>
}

/** The source did not answer. Unknown is not unauthorised: nobody is judged on this. `message` holds no secret and says what to do. */
export class DirectoryUnreachable extends Error {
  override readonly name = 'DirectoryUnreachable'
}
