import type { Vitals } from '#src/core/directory.ts'
import type { Session } from '../server/server.ts'
import { type Known, nameOf, PERMISSION } from './names.ts'

const PERMITTED = `exists (select 1 from auth_user_user_permissions x where x.user_id = u.id and x.permission_id in (${PERMISSION}))
  or exists (select 1 from auth_user_groups ug join auth_group_permissions gp on gp.group_id = ug.group_id where ug.user_id = u.id and gp.permission_id in (${PERMISSION}))
  or exists (select 1 from authentication_state_permissions sp where sp.state_id = p.state_id and sp.permission_id in (${PERMISSION}))`

/** The counts of the truth check. */
export async function measure(session: Session, { groups, states }: Known): Promise<Vitals> {
  const [people] = await session.rows(
    `select count(*), coalesce(sum(case when u.is_active and (u.is_superuser or ${PERMITTED}) then 1 else 0 end), 0) from auth_user u left join authentication_userprofile p on p.user_id = u.id`,
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
