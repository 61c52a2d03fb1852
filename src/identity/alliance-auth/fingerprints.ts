import type { Id } from '#src/core/model.ts'
import type { Total } from '../questions.ts'
import { rowSum } from '../row-sum.ts'
import type { Dialect, Session } from '../server/server.ts'
import { permissionIn } from './names.ts'

// What changes whenever something changes that a verdict rests on: a checksum for each table, over those of its columns that are read for one.

/** A checksum of a row's columns, none of them null, as a number. */
const sumOf = (dialect: Dialect, columns: readonly string[]): string =>
  rowSum(dialect, `concat_ws('|', ${columns.join(', ')})`)

const flag = (column: string): string => `case when ${column} then 1 else 0 end`

interface Part {
  readonly from: string
  readonly user: string
  readonly columns: readonly string[]
}

/** Per user: what makes up a part of them, and the columns that say it; the word tells a group from a permission with the same id. */
const partsIn = (dialect: Dialect): readonly Part[] => [
  { from: 'auth_user', user: 'id', columns: ["'user'", 'id', flag('is_active'), flag('is_superuser')] },
  { from: 'authentication_userprofile', user: 'user_id', columns: ["'state'", 'user_id', 'coalesce(state_id, 0)'] },
  { from: 'auth_user_groups', user: 'user_id', columns: ["'group'", 'user_id', 'group_id'] },
  { from: 'discord_discorduser', user: 'user_id', columns: ["'link'", 'user_id', 'uid'] },
  {
    from: `(select user_id from auth_user_user_permissions where permission_id in (${permissionIn(dialect)})) x`,
    user: 'user_id',
    columns: ["'permission'", 'user_id'],
  },
]

/** Tables that say something of everybody who bears a name. */
const namesIn = (dialect: Dialect): readonly Pick<Part, 'from' | 'columns'>[] => [
  { from: 'auth_group', columns: ['id', 'name'] },
  { from: 'authentication_state', columns: ['id', 'name'] },
  { from: 'groupmanagement_reservedgroupname', columns: ['name'] },
  { from: `(${permissionIn(dialect)}) x`, columns: ['id'] },
  {
    from: `(select group_id from auth_group_permissions where permission_id in (${permissionIn(dialect)})) x`,
    columns: ['group_id'],
  },
  {
    from: `(select state_id from authentication_state_permissions where permission_id in (${permissionIn(dialect)})) x`,
    columns: ['state_id'],
  },
]

export async function readTotal(session: Session): Promise<Total> {
  const { dialect } = session
  return { people: await totalOf(session, partsIn(dialect)), names: await totalOf(session, namesIn(dialect)) }
}

async function totalOf(
  session: Session,
  tables: readonly { readonly from: string; readonly columns: readonly string[] }[],
): Promise<string> {
  const questions = tables.map(
    ({ from, columns }, place) =>
      `select ${place}, count(*), coalesce(sum(${sumOf(session.dialect, columns)}), 0) from ${from}`,
  )
  const rows = await session.rows(`${questions.join(' union all ')} order by 1`)
  return rows.map((row) => row.join(':')).join(' ')
}

export async function readFingerprints(
  session: Session,
  onIdentity: (id: string, fingerprint: string, discordIds: readonly Id[]) => void,
): Promise<void> {
  const parts = partsIn(session.dialect).map(
    ({ from, user, columns }) => `select ${user} as person, ${sumOf(session.dialect, columns)} as part from ${from}`,
  )
  const question = `select t.person, t.total, d.uid from (select person, sum(part) as total from (${parts.join(' union all ')}) a group by person) t
    left join discord_discorduser d on d.user_id = t.person`
  await session.each(question, (fields) => {
    const discordId = fields.text(2)
    onIdentity(fields.text(0) ?? '', fields.text(1) ?? '', discordId === null ? [] : [discordId])
  })
}
