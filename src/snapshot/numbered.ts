import type { Identity } from '#src/core/model.ts'
import { id as idShape } from './shapes.ts'

/**
 * The same people with numbers for ids, where one of the source's own is no number, as uuids are: a file holds numbers alone. They count from 1 in
 * the order of the source's ids, so that the same people have the same numbers again. Null where every id can stay.
 */
export function numbered(identities: readonly Identity[]): readonly Identity[] | null {
  if (identities.every(({ id }) => idShape.safeParse(id).success)) return null
  const inOrder = [...identities].sort((a, b) => (a.id < b.id ? -1 : 1))
  return inOrder.map((identity, index) => ({ ...identity, id: String(index + 1) }))
}
