import { hasAccess } from '#src/core/access.ts'
import {
  isNoChange,
  type ListChange,
  listChange,
  type MovedLink,
  movedLinks,
  type PeopleDifference,
  peopleDifference,
} from './difference.ts'
import { digestOfPeople } from './digest.ts'
import { type People, withUnsaidAccounts } from './people.ts'

/** An import that would drop more people than this share is refused unless a human says that it is meant. */
export const DROP_LIMIT = 0.1

export interface Tally {
  readonly people: number
  readonly withAccess: number
  /** Distinct Discord ids. */
  readonly linked: number
  readonly accounts: number
}

/** What an import would change, for a human to read before it happens. */
export interface ImportDiff extends PeopleDifference {
  readonly groups: ListChange
  readonly states: ListChange
  readonly reservedNames: ListChange
  readonly moved: readonly MovedLink[]
  readonly before: Tally
  readonly after: Tally
  /** The digests of what is stored and of what would be. */
  readonly beforeDigest: string
  readonly afterDigest: string
}

/** Compares what is stored with what an import brings. Pure; the same two states always give the same difference. */
export function planImport(before: People, brought: People): ImportDiff {
  const after = withUnsaidAccounts(before, brought)
  return {
    ...peopleDifference(before, after),
    groups: listChange(before.names.groups, after.names.groups),
    states: listChange(before.names.states, after.names.states),
    reservedNames: listChange(before.names.reservedNames, after.names.reservedNames),
    moved: movedLinks(before, after),
    before: tally(before),
    after: tally(after),
    beforeDigest: digestOfPeople(before),
    afterDigest: digestOfPeople(after),
  }
}

export function changesNothing(diff: ImportDiff): boolean {
  const names = [diff.groups, diff.states, diff.reservedNames]
  return diff.added.length + diff.changed.length + diff.dropped.length === 0 && names.every(isNoChange)
}

/** True where so many people would go that a broken export is likelier than a true one. */
export function dropsTooMany({ dropped, before }: ImportDiff): boolean {
  return dropped.length > DROP_LIMIT * before.people
}

function tally({ identities, accounts }: People): Tally {
  const ids = new Set(identities.map(({ id }) => id))
  return {
    people: identities.length,
    withAccess: identities.filter(hasAccess).length,
    linked: new Set(identities.flatMap(({ discordIds }) => discordIds)).size,
    accounts: [...(accounts ?? [])].reduce((sum, [id, list]) => sum + (ids.has(id) ? list.length : 0), 0),
  }
}
