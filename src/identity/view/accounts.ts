import type { LinkedAccount } from '#src/core/model.ts'
import type { Session } from '../server/server.ts'
import { bit, isTrue, oneOf, text } from './sql.ts'
import { ACCOUNTS, type Views } from './views.ts'

/** Other accounts of a person, where the database offers a view of them. */
export async function readAccounts(
  session: Session,
  views: Views,
  personId: string,
): Promise<readonly LinkedAccount[]> {
  if (!views.hasAccounts) return []
  const { dialect } = session
  const columns = ['person_id', 'id', 'name', 'organisation', 'parent_organisation'].map((one) => text(dialect, one))
  const { where, values } = oneOf(dialect, 'person_id', views.typeOf(ACCOUNTS, 'person_id'), [personId])
  const rows = await session.rows(
    `select ${columns.join(', ')}, ${bit(isTrue(dialect, 'main'))} from ${ACCOUNTS} where ${where}`,
    values,
  )
  return rows
    .filter(([person]) => person === personId)
    .map(([, id, name, organisation, parentOrganisation, main]) => ({
      ...{ id: id ?? '', name: name ?? '' },
      ...{ organisation: organisation ?? null, parentOrganisation: parentOrganisation ?? null },
      main: main === '1',
    }))
}
