import type { Id, Identity } from '#src/core/model.ts'
import { rowLimit, tooMany } from '../limits.ts'
import type { Dialect, Session } from '../server/server.ts'
import { Assembly } from './assembly.ts'
import { bit, isTrue, letter, oneOf, sent, text } from './sql.ts'
import { LINKS, MEMBERSHIPS, PEOPLE, type Views } from './views.ts'

/** The columns of a person, in the order in which they are read. */
const personOf = (dialect: Dialect): string =>
  [
    ...['id', 'username', 'state'].map((column) => text(dialect, column)),
    ...['active', 'superuser', 'access'].map((column) => bit(isTrue(dialect, column))),
  ].join(', ')

const membershipsOf = (dialect: Dialect): string =>
  `select ${text(dialect, 'person_id')}, ${text(dialect, 'group_name')} from ${MEMBERSHIPS} where person_id is not null and group_name is not null`

const linksOf = (dialect: Dialect): string =>
  `select ${text(dialect, 'person_id')}, ${text(dialect, 'discord_id')} from ${LINKS} where person_id is not null and discord_id is not null`

/** Everybody, with what is counted of them and the names that are known. */
export async function readEverybody(session: Session, views: Views, most: number) {
  const { dialect } = session
  const columns = (view: string, ...names: readonly string[]) =>
    names.map((name) => sent(dialect, views.typeOf(view, name), name)).join(', ')
  const truths = ['active', 'superuser', 'access'].map((column) => letter(dialect, column)).join(', ')
  const assembly = new Assembly()
  await session.each(`select ${columns(PEOPLE, 'id', 'username', 'state')}, ${truths} from ${PEOPLE}`, (fields) => {
    assembly.addPerson(fields)
    if (assembly.count > most) throw tooMany(most)
  })
  const countMembership = rowLimit(most)
  await session.each(`select ${columns(MEMBERSHIPS, 'person_id', 'group_name')} from ${MEMBERSHIPS}`, (fields) => {
    countMembership()
    assembly.addMembership(fields)
  })
  const countLink = rowLimit(most)
  await session.each(`select ${columns(LINKS, 'person_id', 'discord_id')} from ${LINKS}`, (fields) => {
    countLink()
    assembly.addLink(fields)
  })
  return await assembly.whole()
}

/** Those of these ids that there are. The database may find more, by a collation that takes two ids for one; here they are told apart. */
export async function readSome(session: Session, views: Views, ids: readonly string[]): Promise<readonly Identity[]> {
  const asked = new Set(ids)
  const { where, values } = oneOf(session.dialect, 'id', views.typeOf(PEOPLE, 'id'), ids)
  const people = await session.rows(`select ${personOf(session.dialect)} from ${PEOPLE} where ${where}`, values)
  const groups = listsOf(await memberships(session, views, ids))
  const discordIds = listsOf(await links(session, views, 'person_id', ids))
  return people
    .filter(([id]) => asked.has(id!))
    .map(([id, username, state, active, superuser, access]) => ({
      ...{ id: id!, username: username ?? '', state: state ?? null },
      ...{ active: active === '1', superuser: superuser === '1', access: access === '1' },
      groups: groups.get(id!) ?? [],
      discordIds: discordIds.get(id!) ?? [],
    }))
}

/** The ids of those who have linked these accounts. */
export async function claimants(session: Session, views: Views, discordIds: readonly Id[]): Promise<readonly string[]> {
  const asked = new Set(discordIds)
  const found = await links(session, views, 'discord_id', discordIds)
  return [...new Set(found.filter(([, discordId]) => asked.has(discordId)).map(([personId]) => personId))]
}

/** A person's id, and a group or a Discord id of theirs. */
type Pair = readonly [string, string]

async function memberships(session: Session, views: Views, ids: readonly string[]): Promise<readonly Pair[]> {
  const { dialect } = session
  const { where, values } = oneOf(dialect, 'person_id', views.typeOf(MEMBERSHIPS, 'person_id'), ids)
  return (await session.rows(`${membershipsOf(dialect)} and ${where}`, values)).map(toPair)
}

async function links(
  session: Session,
  views: Views,
  column: 'person_id' | 'discord_id',
  wanted: readonly string[],
): Promise<readonly Pair[]> {
  const { dialect } = session
  const { where, values } = oneOf(dialect, column, views.typeOf(LINKS, column), wanted)
  return (await session.rows(`${linksOf(dialect)} and ${where}`, values)).map(toPair)
}

const toPair = ([personId, other]: readonly (string | null)[]): Pair => [personId!, other!]

/** Each once: a view may say the same twice. */
function listsOf(pairs: readonly Pair[]): ReadonlyMap<string, readonly string[]> {
  const byPerson = Map.groupBy(pairs, ([personId]) => personId)
  return new Map([...byPerson].map(([id, own]) => [id, [...new Set(own.map(([, other]) => other))]]))
}
