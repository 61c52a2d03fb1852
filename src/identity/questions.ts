import type { DirectoryNames, Vitals } from '#src/core/directory.ts'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import type { PeopleColumns } from '#src/core/people.ts'
import type { Session } from './server/server.ts'

// What is asked of somebody's database, whatever its tables look like. Names and ids are matched here and never there: collations fold case and drop blanks.

export interface Measured {
  readonly names: DirectoryNames
  readonly vitals: Vitals
  readonly permissionExists: boolean
}

/** What a kind of database is asked. Every method sees the moment of the session that it is given, and lets its errors out as they are. */
export interface Questions {
  readonly source: string
  /** Throws `DirectoryUnreachable` that names every table and column that is missing or of the wrong kind. */
  probe(session: Session): Promise<void>
  /** The known names and the counts of the truth check, and whether the access permission exists at all. */
  measure(session: Session): Promise<Measured>
  /** Everybody who claims each of these Discord ids; every asked id is a key. */
  claims(session: Session, discordIds: readonly Id[]): Promise<ReadonlyMap<Id, readonly Identity[]>>
  /** Those of these identities that there are. */
  identities(session: Session, ids: readonly string[]): Promise<ReadonlyMap<string, Identity>>
  /** Everybody, with what `measure` says. Throws `DirectoryUnreachable` where there are more than `most`, before they are held. */
  everybody(session: Session, most: number): Promise<Measured & { readonly people: PeopleColumns }>
  accounts(session: Session, identityId: string): Promise<readonly LinkedAccount[]>
  /** Whether the database says by itself, on the channel of `changes/channel.ts`, who has changed, whatever changes. */
  tells(session: Session): Promise<boolean>
  /** One text that is another one whenever anything that a verdict rests on has changed; cheap for the database. */
  total(session: Session): Promise<Total>
  /** Of each identity a text that is another one whenever something of it has changed; with its Discord ids. */
  fingerprints(
    session: Session,
    onIdentity: (id: string, fingerprint: string, discordIds: readonly Id[]) => void,
  ): Promise<void>
}

/** `people`: what identities have of their own. `names`: what concerns everybody (names of groups and states, and what grants access). */
export interface Total {
  readonly people: string
  readonly names: string
}
