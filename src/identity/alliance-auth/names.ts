import { type DirectoryNames, DirectoryUnreachable } from '#src/core/directory.ts'
import type { Dialect, Session } from '../server/server.ts'

/** The small tables that everything else refers to, and who has the permission by what they are rather than by name. */
export interface Known {
  /** By id. */
  readonly groups: ReadonlyMap<string, string>
  readonly states: ReadonlyMap<string, string>
  readonly names: DirectoryNames
  readonly access: Access
}

/** Who may use Discord, superusers aside: ids of users, groups and states that have the permission. */
export interface Access {
  readonly permissionExists: boolean
  readonly users: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  readonly states: ReadonlySet<string>
}

/** The permission that Alliance Auth asks of whoever uses its Discord service. Django compares it letter by letter; MariaDB and MySQL must be told to. */
export function permissionIn(dialect: Dialect): string {
  const exact = dialect === 'mysql' ? 'binary ' : ''
  return `select p.id from auth_permission p join django_content_type c on c.id = p.content_type_id where ${exact}c.app_label = 'discord' and ${exact}p.codename = 'access_discord'`
}

export async function readKnown(session: Session): Promise<Known> {
  const groups = await byId(session, 'select id, name from auth_group order by id')
  const states = await byId(session, 'select id, name from authentication_state order by id')
  const reserved = await session.rows('select name from groupmanagement_reservedgroupname order by id')
  const reservedNames = reserved.map(([name]) => name ?? '')
  const names = { groups: [...groups.values()], states: [...states.values()], reservedNames }
  return { groups, states, names, access: await readAccess(session) }
}

async function readAccess(session: Session): Promise<Access> {
  const permission = await session.rows(permissionIn(session.dialect))
  const holders = async (table: string, holder: string) =>
    new Set(
      (
        await session.rows(`select ${holder} from ${table} where permission_id in (${permissionIn(session.dialect)})`)
      ).map(only),
    )
  return {
    permissionExists: permission.length > 0,
    users: await holders('auth_user_user_permissions', 'user_id'),
    groups: await holders('auth_group_permissions', 'group_id'),
    states: await holders('authentication_state_permissions', 'state_id'),
  }
}

async function byId(session: Session, question: string): Promise<ReadonlyMap<string, string>> {
  return new Map((await session.rows(question)).map(([id, name]) => [id ?? '', name ?? '']))
}

const only = ([value]: readonly (string | null)[]): string => value ?? ''

/** A reference to a row that is not there says that the database was not read whole: nobody loses a group by that. */
export function nameOf(names: ReadonlyMap<string, string>, id: string, what: 'group' | 'state'): string {
  const name = names.get(id)
  if (name !== undefined) return name
  throw new DirectoryUnreachable(
    `The identity database of Alliance Auth speaks of a ${what} with the id ${id} that it does not have, so it is not whole (a replica that lost rows, or a restore in progress?). Nobody is judged until it is.`,
  )
}
