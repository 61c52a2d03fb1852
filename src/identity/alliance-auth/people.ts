import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id, Identity } from '#src/core/model.ts'
import { ACCESS, ACTIVE, PeopleBuilder, type PeopleColumns, SUPERUSER } from '#src/core/people.ts'
import { tooMany } from '../limits.ts'
import type { Fields, Session } from '../server/server.ts'
import { type Access, type Known, nameOf } from './names.ts'

// Everybody, one row a person. What somebody may is worked out here by what they are, as Django does: by user, by group, by state.

const listed = (dialect: Session['dialect'], column: string): string =>
  dialect === 'mysql'
    ? `group_concat(${column} order by ${column})`
    : `string_agg(${column}::text, ',' order by ${column})`

/** The columns that `Person` reads, in this order; the table of users is `u`. */
const PERSON = `u.id, u.username, case when u.is_active then 1 else 0 end, case when u.is_superuser then 1 else 0 end, p.state_id, d.uid`
const FROM = `auth_user u left join authentication_userprofile p on p.user_id = u.id left join discord_discorduser d on d.user_id = u.id`

export async function readEverybody(session: Session, known: Known, most: number): Promise<PeopleColumns> {
  const builder = new PeopleBuilder()
  const combinations = new CombinationNumbers(known, builder)
  // The number of groups stands beside the list, for a server may cut a list short without a word.
  const question = `select ${PERSON}, g.list, g.many from ${FROM}
    left join (select user_id, ${listed(session.dialect, 'group_id')} as list, count(*) as many from auth_user_groups group by user_id) g on g.user_id = u.id`
  await session.each(question, (fields) => {
    if (builder.count === most) throw tooMany(most)
    const { number, groupsGive } = combinations.of(fields)
    const id = fields.text(0) ?? ''
    const access = groupsGive || known.access.users.has(id)
    const flags = (fields.number(2) && ACTIVE) | (fields.number(3) && SUPERUSER) | (access ? ACCESS : 0)
    builder.add(id, fields.text(1) ?? '', flags, number)
    const discordId = fields.text(5)
    if (discordId !== null) builder.link(discordId)
  })
  return builder.columns()
}

interface Numbered {
  readonly number: number
  /** Whether the state or a group brings the permission. */
  readonly groupsGive: boolean
}

/** People are many and their combinations of state and groups few: each is read once. */
class CombinationNumbers {
  readonly #known: Known
  readonly #builder: PeopleBuilder
  readonly #numbers = new Map<string, Numbered>()

  constructor(known: Known, builder: PeopleBuilder) {
    this.#known = known
    this.#builder = builder
  }

  of(fields: Fields): Numbered {
    const key = `${fields.raw(4) ?? ''}:${fields.raw(6) ?? ''}:${fields.raw(7) ?? ''}`
    const numbered = this.#numbers.get(key)
    if (numbered) return numbered
    const fresh = this.#read(fields.text(4), listOf(fields.text(6)), fields.number(7))
    this.#numbers.set(key, fresh)
    return fresh
  }

  #read(stateId: string | null, groupIds: readonly string[], many: number): Numbered {
    if (groupIds.length !== many)
      throw new DirectoryUnreachable(
        `The identity database gave ${groupIds.length} of ${many} groups of somebody, so it cut its answer short. Nobody is judged on that. Look for a low group_concat_max_len or max_allowed_packet on its server.`,
      )
    const state = stateId === null ? null : nameOf(this.#known.states, stateId, 'state')
    const groups = groupIds.map((id) => nameOf(this.#known.groups, id, 'group'))
    return {
      number: this.#builder.combinationOf(state, groups),
      groupsGive: givenBy(this.#known.access, stateId, groupIds),
    }
  }
}

const listOf = (text: string | null): readonly string[] => (text === null || text === '' ? [] : text.split(','))

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
