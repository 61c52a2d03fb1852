import { DirectoryUnreachable } from '#src/core/directory.ts'
import { type Described, describe } from '../columns-probe.ts'
import type { Session } from '../server/server.ts'

// The views that the owner of a database offers, and nothing else of it is read. docs/identity.md describes them.

export const PEOPLE = 'rolecall_people'
export const MEMBERSHIPS = 'rolecall_memberships'
export const LINKS = 'rolecall_links'
/** The only one that may be missing: accounts are for people to read, and decide nothing. */
export const ACCOUNTS = 'rolecall_accounts'

type Kind = 'key' | 'text' | 'truth' | 'discord id'
type Columns = Readonly<Record<string, Kind>>

const COLUMNS: Readonly<Record<string, Columns>> = {
  [PEOPLE]: { id: 'key', username: 'text', active: 'truth', superuser: 'truth', access: 'truth', state: 'text' },
  [MEMBERSHIPS]: { person_id: 'key', group_name: 'text' },
  [LINKS]: { person_id: 'key', discord_id: 'discord id' },
  [ACCOUNTS]: {
    ...{ person_id: 'key', id: 'text', name: 'text' },
    ...{ organisation: 'text', parent_organisation: 'text', main: 'truth' },
  },
}

const INTEGERS: readonly string[] = ['bigint', 'int', 'integer', 'smallint', 'mediumint', 'tinyint']
const LETTERS = ['character varying', 'character', 'varchar', 'char', 'text', 'tinytext', 'mediumtext', 'longtext']

/** Words of PostgreSQL, MariaDB and MySQL for their types. A floating-point number is none of them: it would lose the last digits of an id. */
const FITTING: Readonly<Record<Kind, readonly string[]>> = {
  key: [...LETTERS, ...INTEGERS, 'uuid'],
  // The types that somebody made for a PostgreSQL of theirs are such as lists of words.
  text: [...LETTERS, ...INTEGERS, 'uuid', 'enum', 'user-defined'],
  truth: ['boolean', 'bit', ...INTEGERS],
  'discord id': [...LETTERS, 'bigint', 'numeric', 'decimal'],
}

const WANTED: Readonly<Record<Kind, string>> = {
  key: 'a text, a whole number or a uuid',
  text: 'a text (where there is nothing to say, a null that is cast to one)',
  truth: 'a boolean, or a whole number that is 0 or 1',
  'discord id': 'a text, a bigint or a decimal',
}

/** The views as they are in one database: the type of each column, in the database's own word. */
export interface Views {
  readonly hasAccounts: boolean
  /** Whether people are numbered in every view that names them, and so can be told apart by the numbers themselves. */
  readonly byNumber: boolean
  typeOf(view: string, column: string): string
}

/** Throws `DirectoryUnreachable` that names all that is amiss. */
export async function probe(session: Session): Promise<Views> {
  const described = await describe(session, Object.keys(COLUMNS))
  const hasAccounts = (described.get(ACCOUNTS)?.size ?? 0) > 0
  const expected = Object.entries(COLUMNS).filter(([view]) => view !== ACCOUNTS || hasAccounts)
  const faults = expected.flatMap(([view, columns]) => faultsOf(view, columns, described.get(view)))
  if (faults.length === 0) return viewsOf(described, hasAccounts)
  throw new DirectoryUnreachable(
    `The views that the bot reads are not as they should be: ${faults.join('; ')}. Nobody is judged until they are. See that IDENTITY_URL names the right database, and that its user may SELECT from the views; docs/identity.md describes them.`,
  )
}

export const isInteger = (type: string): boolean => INTEGERS.includes(type)

function viewsOf(described: Described, hasAccounts: boolean): Views {
  const typeOf = (view: string, column: string) => described.get(view)?.get(column) ?? ''
  const byNumber =
    isInteger(typeOf(PEOPLE, 'id')) && [MEMBERSHIPS, LINKS].every((view) => isInteger(typeOf(view, 'person_id')))
  return { hasAccounts, byNumber, typeOf }
}

function faultsOf(view: string, columns: Columns, there: ReadonlyMap<string, string> | undefined): readonly string[] {
  if (!there || there.size === 0) return [`${view} cannot be found or may not be read`]
  return Object.entries(columns).flatMap(([column, kind]) => {
    const type = there.get(column)
    if (type === undefined) return [`${view} has no column ${column}`]
    return FITTING[kind].includes(type)
      ? []
      : [`${view}.${column} is of the type ${type} and should be ${WANTED[kind]}`]
  })
}
