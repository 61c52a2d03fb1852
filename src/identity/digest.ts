import { createHash } from 'node:crypto'
import { compareNames } from '#src/core/order.ts'
import { mainFirst, type People } from './people.ts'

/**
 * What these people come to in one line: `sha256:` and a hex digest that no order of lists alters.
 * An import names the digest of what it was compared with, and is refused where that is no longer what is stored.
 */
export function digestOfPeople({ names, identities, accounts }: People): string {
  const hash = createHash('sha256')
  const add = (parts: readonly unknown[]) => hash.update(`${JSON.stringify(parts)}\n`)
  add(['names', sorted(names.groups), sorted(names.states), sorted(names.reservedNames)])
  for (const person of identities.toSorted((a, b) => compareNames(a.id, b.id))) {
    const { id, username, active, superuser, access, state, groups, discordIds } = person
    add([id, username, active, superuser, access, state, sorted(groups), sorted(discordIds)])
    for (const account of mainFirst(accounts?.get(id) ?? []))
      add([account.id, account.name, account.organisation, account.parentOrganisation, account.main])
  }
  return `sha256:${hash.digest('hex')}`
}

function sorted(list: readonly string[]): string[] {
  return [...new Set(list)].sort(compareNames)
}
