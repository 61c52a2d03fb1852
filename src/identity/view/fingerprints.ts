import type { Id } from '#src/core/model.ts'
import type { Total } from '../questions.ts'
import type { Dialect, Session } from '../server/server.ts'
import { checksum, exact, text } from './sql.ts'
import { LINKS, MEMBERSHIPS, PEOPLE } from './views.ts'

/** The columns that a verdict rests on, by view, and which of them names the person. */
const PARTS = [
  { view: PEOPLE, person: 'id', columns: ['id', 'active', 'superuser', 'access', 'state'] },
  { view: MEMBERSHIPS, person: 'person_id', columns: ['person_id', 'group_name'] },
  { view: LINKS, person: 'person_id', columns: ['person_id', 'discord_id'] },
] as const

/** Where names come from: a group or a state may come or go with nobody in it. */
const NAMES = [
  { view: MEMBERSHIPS, column: 'group_name' },
  { view: PEOPLE, column: 'state' },
] as const

export async function readTotal(session: Session): Promise<Total> {
  const { dialect } = session
  const people = PARTS.map(({ view, columns }) => ({ from: view, sum: checksum(dialect, columns) }))
  const names = NAMES.map(({ view, column }) => ({
    from: `(select distinct ${exact(dialect, column)} as name from ${view} where ${column} is not null) n`,
    sum: checksum(dialect, ['name']),
  }))
  return { people: await totalOf(session, people), names: await totalOf(session, names) }
}

async function totalOf(
  session: Session,
  parts: readonly { readonly from: string; readonly sum: string }[],
): Promise<string> {
  const questions = parts.map(
    ({ from, sum }, place) => `select ${place} as place, count(*), coalesce(sum(${sum}), 0) from ${from}`,
  )
  const rows = await session.rows(`${questions.join(' union all ')} order by place`)
  return rows.map((row) => row.join(':')).join(' ')
}

/** One question that groups, so that nothing of a million people is kept here. */
export async function readFingerprints(
  session: Session,
  onIdentity: (id: string, fingerprint: string, discordIds: readonly Id[]) => void,
): Promise<void> {
  const { dialect } = session
  const parts = PARTS.map(({ view, person, columns }) => {
    const link = view === LINKS ? text(dialect, 'discord_id') : noText(dialect)
    return `select ${exact(dialect, person)} as person, ${checksum(dialect, columns)} as part, ${link} as link from ${view} where ${person} is not null`
  })
  const question = `select person, sum(part), ${listed(dialect, 'link')} from (${parts.join(' union all ')}) a group by person`
  await session.each(question, (fields) => onIdentity(fields.text(0)!, fields.text(1)!, toIds(fields.text(2))))
}

const noText = (dialect: Dialect): string => (dialect === 'mysql' ? 'cast(null as char)' : 'null::text')

const listed = (dialect: Dialect, column: string): string =>
  dialect === 'mysql' ? `group_concat(${column} separator ' ')` : `string_agg(${column}, ' ')`

/** The database lists them in no order. */
const toIds = (list: string | null): readonly Id[] => (list === null ? [] : [...new Set(list.split(' '))].sort())
