import type { Vitals } from '#src/core/directory.ts'
import type { Dialect, Session } from '../server/server.ts'
import { type Access, type Known, nameOf, permissionIn } from './names.ts'

const oneOf = (column: string, ids: Iterable<string>): string => {
  const list = [...ids].map(Number).join(', ')
  return list === '' ? '1 = 0' : `${column} in (${list})`
}

const ofUsers = (dialect: Dialect): string =>
  `select x.user_id from auth_user_user_permissions x where x.permission_id in (${permissionIn(dialect)})`
const ofGroups = ({ groups }: Access): string =>
  `select ug.user_id from auth_user_groups ug where ${oneOf('ug.group_id', groups)}`

/**
 * Who has the permission, of users `u` with their profiles `p`, and what must be joined to them for that. MariaDB looks everybody up in lists that it
 * makes once. PostgreSQL does so while a list fits its working memory, and reads a longer one again for each user, which takes hours; it joins.
 */
function permitted({ dialect }: Session, access: Access): { readonly joined: string; readonly condition: string } {
  const byState = `(p.state_id is not null and ${oneOf('p.state_id', access.states)})`
  if (dialect === 'mysql')
    return { joined: '', condition: `u.id in (${ofUsers(dialect)}) or u.id in (${ofGroups(access)}) or ${byState}` }
  return {
    joined: `left join (${ofUsers(dialect)} union ${ofGroups(access)}) a on a.user_id = u.id`,
    condition: `a.user_id is not null or ${byState}`,
  }
}

/** The counts of the truth check. */
export async function measure(session: Session, { groups, states, access }: Known): Promise<Vitals> {
  const { joined, condition } = permitted(session, access)
  const [people] = await session.rows(
    `select count(*), coalesce(sum(case when u.is_active and (u.is_superuser or ${condition}) then 1 else 0 end), 0)
      from auth_user u left join authentication_userprofile p on p.user_id = u.id ${joined}`,
  )
  const [links] = await session.rows(
    'select count(distinct d.uid) from discord_discorduser d join auth_user u on u.id = d.user_id',
  )
  const inGroups = await session.rows(
    'select ug.group_id, count(*) from auth_user_groups ug join auth_user u on u.id = ug.user_id group by ug.group_id',
  )
  const inStates = await session.rows(
    'select p.state_id, count(*) from authentication_userprofile p join auth_user u on u.id = p.user_id where p.state_id is not null group by p.state_id',
  )
  return {
    identities: Number(people?.[0]),
    withAccess: Number(people?.[1]),
    linked: Number(links?.[0]),
    perGroup: countsBy(groups, inGroups, 'group'),
    perState: countsBy(states, inStates, 'state'),
  }
}

function countsBy(
  names: ReadonlyMap<string, string>,
  rows: readonly (readonly (string | null)[])[],
  what: 'group' | 'state',
): ReadonlyMap<string, number> {
  const counts = new Map([...names.values()].map((name) => [name, 0]))
  for (const [id, count] of rows) counts.set(nameOf(names, id ?? '', what), Number(count))
  return counts
}
