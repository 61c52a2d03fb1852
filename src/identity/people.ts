import type { DirectoryNames } from '#src/core/directory.ts'
import type { Identity, LinkedAccount } from '#src/core/model.ts'
import { compareNames } from '#src/core/order.ts'

/** All that an identity source holds: the names it knows, its people, and the accounts linked by each identity's id. */
export interface People {
  readonly names: DirectoryNames
  readonly identities: readonly Identity[]
  /** An identity that is no key here: the source says nothing of its accounts, as a snapshot file does not. */
  readonly accounts?: ReadonlyMap<string, readonly LinkedAccount[]>
}

export const NOBODY: People = { names: { groups: [], states: [], reservedNames: [] }, identities: [] }

/** The main account first, then by name and id, so that two readings of the same accounts are shown alike. */
export function mainFirst(accounts: readonly LinkedAccount[]): LinkedAccount[] {
  return accounts.toSorted(
    (a, b) => Number(b.main) - Number(a.main) || compareNames(a.name, b.name) || compareNames(a.id, b.id),
  )
}

/** These people, with the accounts of `before` for whom nothing was said of accounts: a source that has none to tell of does not unlink them. */
export function withUnsaidAccounts(before: People, after: People): People {
  const said = after.accounts
  const accounts = after.identities.map(({ id }) => [id, said?.get(id) ?? before.accounts?.get(id) ?? []] as const)
  return { ...after, accounts: new Map(accounts) }
}
