import fc from 'fast-check'
import { expect, it } from 'vitest'
import { peopleOf } from '#src/core/people.ts'
import { RowsById } from '#src/core/rows-by-id.ts'

function rowsOf(ids: readonly string[]): RowsById {
  const nobody = { username: 'a name', active: true, superuser: false, access: true, state: null, groups: [] }
  const rows = new RowsById(peopleOf(ids.map((id) => ({ ...nobody, id, discordIds: [] }))))
  for (const row of ids.keys()) rows.add(row)
  return rows
}

it('everybody is found by their own id, and nobody by another', () => {
  const someIds = fc.uniqueArray(fc.oneof(fc.nat(50).map(String), fc.string({ unit: 'grapheme', maxLength: 5 })))
  fc.assert(
    fc.property(someIds, fc.nat(40), (ids, cut) => {
      const known = ids.slice(0, cut)
      const rows = rowsOf(known)
      expect(ids.map((id) => rows.rowOf(id))).toEqual(ids.map((id) => known.indexOf(id)))
    }),
  )
})

it('people whose ids share a slot are told apart, however many they are', () => {
  const many = Array.from({ length: 3_000 }, (_, at) => String(at))
  const rows = rowsOf(many)
  expect(many.map((id) => rows.rowOf(id))).toEqual([...many.keys()])
  expect(rows.rowOf('3000')).toBe(-1)
})
