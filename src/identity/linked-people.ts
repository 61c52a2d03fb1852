import { setImmediate as letOthers } from 'node:timers/promises'
import { type Halves, isId, readId } from '#src/core/ids.ts'
import type { Id, Identity } from '#src/core/model.ts'
import type { PeopleColumns } from '#src/core/people.ts'

/** Rows between which the loop is let go of. */
const STEP = 5_000

/** The same identity with these accounts besides. */
export const withAccounts = (identity: Identity, discordIds: readonly Id[]): Identity => ({
  // A row of columns has its fields by methods, which a copy of the whole would leave behind.
  ...{ id: identity.id, username: identity.username, state: identity.state, groups: identity.groups },
  ...{ active: identity.active, superuser: identity.superuser, access: identity.access },
  discordIds: [...identity.discordIds, ...discordIds],
})

/** The same people, with the accounts that `links` gives to some of them. A link to somebody who is not among them gives nothing to anybody. */
export async function withLinks(people: PeopleColumns, links: ReadonlyMap<Id, string>): Promise<PeopleColumns> {
  const added = await accountsByRow(people, links)
  if (added.size === 0) return people
  const identityAt = (row: number): Identity => {
    const accounts = added.get(row)
    return accounts ? withAccounts(people.identityAt(row), accounts) : people.identityAt(row)
  }
  return { ...people, ...linksWith(people, added), identityAt }
}

/** What each row gets that it has not, in the order of the rows. */
async function accountsByRow(
  people: PeopleColumns,
  links: ReadonlyMap<Id, string>,
): Promise<ReadonlyMap<number, readonly Id[]>> {
  const wanted = Map.groupBy(links.keys(), (discordId) => links.get(discordId)!)
  const added = new Map<number, readonly Id[]>()
  for (let row = 0; row < people.count; row++) {
    if (row % STEP === STEP - 1) await letOthers()
    const identity = people.identityAt(row)
    const accounts = wanted.get(identity.id)
    if (!accounts) continue
    const own = new Set(identity.discordIds)
    const fresh = accounts.filter((id) => isId(id) && !own.has(id))
    if (fresh.length > 0) added.set(row, fresh)
  }
  return added
}

type LinkColumns = Pick<PeopleColumns, 'firstLink' | 'linkHigh' | 'linkLow'>

/** The columns of links with more in them: what lies between two rows that get some is moved as it is. */
function linksWith(people: PeopleColumns, added: ReadonlyMap<number, readonly Id[]>): LinkColumns {
  const known = people.firstLink[people.count]!
  const count = known + [...added.values()].reduce((sum, ids) => sum + ids.length, 0)
  const columns = {
    firstLink: people.firstLink.slice(0, people.count + 1),
    linkHigh: new Uint32Array(count),
    linkLow: new Uint32Array(count),
  }
  let [row, link, shift] = [0, 0, 0]
  const moveTo = (endRow: number) => {
    const end = people.firstLink[endRow]!
    columns.linkHigh.set(people.linkHigh.subarray(link, end), link + shift)
    columns.linkLow.set(people.linkLow.subarray(link, end), link + shift)
    while (row < endRow) columns.firstLink[row++]! += shift
    link = end
  }
  for (const [at, ids] of added) {
    moveTo(at + 1)
    for (const id of ids) write(columns, id, link + shift++)
  }
  moveTo(people.count)
  columns.firstLink[people.count] = count
  return columns
}

function write({ linkHigh, linkLow }: LinkColumns, id: Id, at: number): void {
  const halves: Halves = { high: 0, low: 0 }
  readId(id, halves)
  linkHigh[at] = halves.high
  linkLow[at] = halves.low
}
