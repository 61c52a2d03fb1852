import { makeIdentityPlace, type Place } from '../../identity/server/servers.ts'
import { citizens, closeLater } from '../safety/armed-town.ts'

// Identity databases of each kind, each with the people of a town in it.

export interface Sickness {
  readonly fault: string
  readonly harm: readonly string[]
  /** What the moderators are told of it. */
  readonly said: string
  /** It does not answer at all. */
  readonly silent?: true
  /** By what it says no role is governed, so that nobody is out of order. */
  readonly governsNothing?: true
}

export interface Kind {
  /** What IDENTITY_SOURCE says. */
  readonly source: string
  /** Puts these people in place of all that is there, tables and all. */
  fill(place: Place, people: Pick<typeof citizens, 'names' | 'identities'>): Promise<void>
  readonly sicknesses: readonly Sickness[]
  /** Takes somebody out of every group. */
  demotes(id: string): readonly string[]
  /** Puts somebody into one of the groups. */
  promotes(id: string, group: string): string
  /** Somebody comes who has no Discord account. */
  joins(id: string): string
  renamesGroup(from: string, to: string): readonly string[]
  /** A table without which nobody can be read. */
  readonly locks: string
}

export interface Source {
  readonly place: Place
  readonly environment: Record<string, string>
  restore(): Promise<void>
}

/** A database of this kind with the people of a town, for as long as the test takes. */
export async function openSource(kind: Kind, dialect: Place['dialect']): Promise<Source> {
  const place = await makeIdentityPlace(dialect)
  closeLater(() => place.drop())
  const restore = () => kind.fill(place, citizens)
  await restore()
  return { place, restore, environment: environmentOf(kind, place) }
}

function environmentOf({ source }: Kind, { dialect, address }: Place): Record<string, string> {
  const { host, port, user, password, database } = address
  const url = `${dialect}://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`
  return { IDENTITY_SOURCE: source, IDENTITY_URL: url, IDENTITY_POLL_SECONDS: '5' }
}
