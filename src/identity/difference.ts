import { indexClaims } from '#src/core/claims.ts'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import { compareIds, compareNames } from '#src/core/order.ts'
import { mainFirst, type People } from './people.ts'

// What changes when one state of an identity source takes the place of another. Pure: it compares, and writes nothing.

/** What joined a list and what left it, in code-point order. */
export interface ListChange {
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

export type FieldChange =
  | {
      readonly field: 'username' | 'state' | 'active' | 'superuser' | 'access'
      readonly before: string | boolean | null
      readonly after: string | boolean | null
    }
  | ({ readonly field: 'groups' | 'discordIds' } & ListChange)
  /** Account ids: linked, no longer linked, and linked still but described otherwise. */
  | ({ readonly field: 'accounts'; readonly altered: readonly string[] } & ListChange)

export interface PersonChange {
  readonly id: string
  /** As it will be. */
  readonly username: string
  readonly fields: readonly FieldChange[]
}

/** A Discord id that was claimed before and is claimed after, by other people. */
export interface MovedLink {
  readonly discordId: Id
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** Sorted by id throughout, so that the same two states always give the same difference. */
export interface PeopleDifference {
  readonly added: readonly Identity[]
  readonly changed: readonly PersonChange[]
  readonly dropped: readonly Identity[]
}

export function peopleDifference(before: People, after: People): PeopleDifference {
  const old = byId(before.identities)
  const next = byId(after.identities)
  const changed: PersonChange[] = []
  for (const identity of next.values()) {
    const known = old.get(identity.id)
    if (!known) continue
    const fields = [...fieldChanges(known, identity), ...accountChanges(before, after, identity.id)]
    if (fields.length > 0) changed.push({ id: identity.id, username: identity.username, fields })
  }
  return {
    added: sortById([...next.values()].filter(({ id }) => !old.has(id))),
    changed: sortById(changed),
    dropped: sortById([...old.values()].filter(({ id }) => !next.has(id))),
  }
}

export function listChange(before: readonly string[], after: readonly string[]): ListChange {
  const [old, next] = [new Set(before), new Set(after)]
  return {
    added: [...next].filter((name) => !old.has(name)).sort(compareNames),
    removed: [...old].filter((name) => !next.has(name)).sort(compareNames),
  }
}

export function isNoChange({ added, removed }: ListChange): boolean {
  return added.length === 0 && removed.length === 0
}

/** The Discord ids that changed hands; ids that are new or that nobody claims any more are not moved. */
export function movedLinks(before: People, after: People): readonly MovedLink[] {
  const old = indexClaims(before.identities)
  const moved: MovedLink[] = []
  for (const [discordId, claims] of indexClaims(after.identities)) {
    const from = idsOf(old.get(discordId) ?? [])
    const to = idsOf(claims)
    if (from.length > 0 && !sameList(from, to)) moved.push({ discordId, from, to })
  }
  return moved.sort((a, b) => compareIds(a.discordId, b.discordId))
}

/** Whose verdict may turn: the Discord ids of everybody who came, went or changed; `all` where the known names changed. */
export function changedIds(
  before: People,
  after: People,
  { added, changed, dropped }: PeopleDifference = peopleDifference(before, after),
): readonly Id[] | 'all' {
  if (namesChanged(before, after)) return 'all'
  const touched = new Set(changed.map(({ id }) => id))
  const isTouched = ({ id }: Identity) => touched.has(id)
  const concerned = [
    ...added,
    ...dropped,
    ...before.identities.filter(isTouched),
    ...after.identities.filter(isTouched),
  ]
  return [...new Set(concerned.flatMap(({ discordIds }) => discordIds))]
}

function namesChanged(before: People, after: People): boolean {
  const kinds = ['groups', 'states', 'reservedNames'] as const
  return kinds.some((kind) => !isNoChange(listChange(before.names[kind], after.names[kind])))
}

function* fieldChanges(before: Identity, after: Identity): Generator<FieldChange> {
  for (const field of ['username', 'state', 'active', 'superuser', 'access'] as const)
    if (before[field] !== after[field]) yield { field, before: before[field], after: after[field] }
  for (const field of ['groups', 'discordIds'] as const) {
    const change = listChange(before[field], after[field])
    if (!isNoChange(change)) yield { field, ...change }
  }
}

function* accountChanges(before: People, after: People, identityId: string): Generator<FieldChange> {
  const old = describedAccounts(before.accounts?.get(identityId))
  const next = describedAccounts(after.accounts?.get(identityId))
  const change = listChange([...old.keys()], [...next.keys()])
  const altered = [...next].filter(([id, text]) => (old.get(id) ?? text) !== text).map(([id]) => id)
  if (!isNoChange(change) || altered.length > 0) yield { field: 'accounts', ...change, altered }
}

/** Account id to everything that is said of it. */
function describedAccounts(accounts: readonly LinkedAccount[] = []): Map<string, string> {
  return new Map(
    mainFirst(accounts).map((account) => [
      account.id,
      JSON.stringify([account.name, account.organisation, account.parentOrganisation, account.main]),
    ]),
  )
}

function byId(identities: readonly Identity[]): Map<string, Identity> {
  return new Map(identities.map((identity) => [identity.id, identity]))
}

function sortById<T extends { readonly id: string }>(list: T[]): T[] {
  return list.sort((a, b) => compareNames(a.id, b.id))
}

function idsOf(identities: readonly Identity[]): string[] {
  return identities.map(({ id }) => id).sort(compareNames)
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at])
}
