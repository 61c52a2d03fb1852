import type { Id, Identity } from '#src/core/model.ts'
import type { Session } from '../server/server.ts'
import { type Access, type Known, nameOf } from './names.ts'

// Some users, one row each. What somebody may is worked out here by what they are, as Django does: by user, by group, by state.

/** The columns that `UserRow` reads, in this order; the table of users is `u`. */
const PERSON = `u.id, u.username, case when u.is_active then 1 else 0 end, case when u.is_superuser then 1 else 0 end, p.state_id, d.uid`
const FROM = `auth_user u left join authentication_userprofile p on p.user_id = u.id left join discord_discorduser d on d.user_id = u.id`

const givenBy = ({ groups, states }: Access, stateId: string | null, groupIds: readonly string[]): boolean =>
  (stateId !== null && states.has(stateId)) || groupIds.some((id) => groups.has(id))

/** Users by ids of their own, or by the Discord ids that they have linked. */
export async function readSome(
  session: Session,
  known: Known,
  by: 'id' | 'uid',
  values: readonly string[],
): Promise<readonly Identity[]> {
  const column = by === 'id' ? 'u.id' : 'd.uid'
  const rows = await session.rows(
    `select ${PERSON} from ${FROM} where ${column} in (${numbers(session, values)}) order by u.id`,
    values,
  )
  const groups = await groupsOf(
    session,
    rows.map(([id]) => id ?? ''),
  )
  return rows.map(([id, username, active, superuser, stateId, uid]) =>
    toIdentity(
      known,
      {
        id: id ?? '',
        username: username ?? '',
        active: active === '1',
        superuser: superuser === '1',
        stateId: stateId ?? null,
        uid: uid ?? null,
      },
      groups.get(id ?? '') ?? [],
    ),
  )
}

interface UserRow {
  readonly id: string
  readonly username: string
  readonly active: boolean
  readonly superuser: boolean
  readonly stateId: string | null
  readonly uid: Id | null
}

function toIdentity(
  known: Known,
  { id, username, active, superuser, stateId, uid }: UserRow,
  groupIds: readonly string[],
): Identity {
  return {
    ...{ id, username, active, superuser },
    access: known.access.users.has(id) || givenBy(known.access, stateId, groupIds),
    state: stateId === null ? null : nameOf(known.states, stateId, 'state'),
    groups: groupIds.map((groupId) => nameOf(known.groups, groupId, 'group')),
    discordIds: uid === null ? [] : [uid],
  }
}

async function groupsOf(session: Session, ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  if (ids.length === 0) return new Map()
  const rows = await session.rows(
    `select user_id, group_id from auth_user_groups where user_id in (${numbers(session, ids)}) order by user_id, group_id`,
    ids,
  )
  const byUser = Map.groupBy(rows, ([userId]) => userId ?? '')
  return new Map([...byUser].map(([userId, owned]) => [userId, owned.map(([, groupId]) => groupId ?? '')]))
}

/** MySQL would compare a text with a number as two doubles, and an id of Discord exceeds 2^53. */
const numbers = ({ dialect }: Session, values: readonly string[]): string =>
  values.map(() => (dialect === 'mysql' ? 'cast(? as unsigned)' : 'cast(? as bigint)')).join(', ')
