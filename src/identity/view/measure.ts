import type { DirectoryNames, Vitals } from '#src/core/directory.ts'
import type { Dialect, Session } from '../server/server.ts'
import { nameless, nobodysLink, noDiscordId, twice, unknownPerson, unsaid } from './faults.ts'
import { bit, exact, isNoDiscordId, isSaid, isTrue, keyOf, text } from './sql.ts'
import { LINKS, MEMBERSHIPS, PEOPLE, type Views } from './views.ts'

export interface Measured {
  readonly names: DirectoryNames
  readonly vitals: Vitals
}

/**
 * The counts of the truth check and the names that are known: those that people bear, and those that rows without a person declare.
 * Throws `DirectoryUnreachable` where the views contradict themselves anywhere, so that a look at one member stands on no less than a look at all.
 */
export async function measure(session: Session, views: Views): Promise<Measured> {
  const { dialect } = session
  const people = await countPeople(session)
  const linked = await countLinked(session)
  await mustFitTogether(session, views, people.identities)
  const perGroup = await countsBy(
    session,
    MEMBERSHIPS,
    'group_name',
    `count(distinct ${keyOf(dialect, views, 'person_id')})`,
  )
  const perState = await countsBy(session, PEOPLE, 'state', 'count(id)')
  return {
    names: { groups: [...perGroup.keys()], states: [...perState.keys()], reservedNames: [] },
    vitals: { ...people, linked, perGroup, perState },
  }
}

async function countPeople(session: Session): Promise<Pick<Vitals, 'identities' | 'withAccess'>> {
  const { dialect } = session
  const [row] = await session.rows(
    `select count(id), sum(${bit(mayBeIn(dialect))}), min(case when ${isUnsaid(dialect)} then ${text(dialect, 'id')} end),
      sum(${bit('id is null and (username is not null or state is null)')}) from ${PEOPLE}`,
  )
  const [identities, withAccess, unsaidId, namelessRows] = row ?? []
  if (Number(namelessRows) > 0) throw nameless()
  if (unsaidId != null) throw unsaid(unsaidId)
  return { identities: Number(identities), withAccess: Number(withAccess) }
}

const mayBeIn = (dialect: Dialect): string =>
  `id is not null and ${isTrue(dialect, 'active')} and (${isTrue(dialect, 'superuser')} or ${isTrue(dialect, 'access')})`

const isUnsaid = (dialect: Dialect): string =>
  ['active', 'superuser', 'access'].map((column) => `${bit(isSaid(dialect, column))} = 0`).join(' or ')

async function countLinked(session: Session): Promise<number> {
  const { dialect } = session
  const id = text(dialect, 'discord_id')
  const [row] = await session.rows(
    `select count(distinct ${exact(dialect, 'discord_id')}), min(case when ${isNoDiscordId(dialect, 'discord_id')} then ${id} end),
      min(case when person_id is null then ${id} end) from ${LINKS} where discord_id is not null`,
  )
  const [linked, wrong, nobodys] = row ?? []
  if (wrong != null) throw noDiscordId(wrong)
  if (nobodys != null) throw nobodysLink(nobodys)
  return Number(linked)
}

/**
 * Each person once, and nobody spoken of who is none of them: there are as many people as rows with one and as ids in all views together. Counting
 * is what every server does quickly; only to name who does not fit, all must be grouped.
 */
async function mustFitTogether(session: Session, views: Views, identities: number): Promise<void> {
  const named = everyId(session.dialect, views)
  const [people] = await session.rows(`select count(distinct ${keyOf(session.dialect, views, 'id')}) from ${PEOPLE}`)
  const [all] = await session.rows(`select count(distinct name) from (${named}) a`)
  if (Number(people?.[0]) === identities && Number(all?.[0]) === identities) return
  const [first] = await session.rows(
    `select name, sum(is_person), sum(is_member) from (${named}) a group by name having sum(is_person) <> 1 limit 1`,
  )
  const [name, rows, memberships] = first ?? []
  if (Number(rows) > 1) throw twice(name ?? '')
  throw unknownPerson(name ?? '', Number(memberships) > 0 ? MEMBERSHIPS : LINKS)
}

/** The id of each row that names somebody. */
function everyId(dialect: Dialect, views: Views): string {
  const key = (column: string) => keyOf(dialect, views, column)
  return `select ${key('id')} as name, 1 as is_person, 0 as is_member from ${PEOPLE} where id is not null
    union all select ${key('person_id')}, 0, 1 from ${MEMBERSHIPS} where person_id is not null
    union all select ${key('person_id')}, 0, 0 from ${LINKS} where person_id is not null`
}

async function countsBy(
  session: Session,
  view: string,
  column: string,
  count: string,
): Promise<ReadonlyMap<string, number>> {
  const { dialect } = session
  const rows = await session.rows(
    `select min(${text(dialect, column)}), ${count} from ${view} where ${column} is not null group by ${exact(dialect, column)}`,
  )
  return new Map(rows.map(([name, many]) => [name ?? '', Number(many)]))
}
