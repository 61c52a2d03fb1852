import { expect, it } from 'vitest'
import { fieldChanges } from '#src/core/field-changes.ts'

it('a field that is different is named by its path, with what it was and what it is', () => {
  const before = { role_drift: { default: 'report', by_group: { Pilots: 'strip' } }, missing_roles: 'report' }
  const after = { role_drift: { default: 'strip', by_group: { Pilots: 'strip' } }, missing_roles: 'report' }
  expect(fieldChanges('policy', before, after)).toEqual({
    changes: [{ field: 'policy.role_drift.default', before: 'report', after: 'strip' }],
  })
})

it('a field that came or went has one side only, and null is a value', () => {
  expect(fieldChanges('', { a: 1, gone: null }, { a: 1, came: false })).toEqual({
    changes: [
      { field: 'gone', before: null },
      { field: 'came', after: false },
    ],
  })
  expect(fieldChanges('override', null, { action: 'strip' })).toEqual({
    changes: [
      { field: 'override', before: null },
      { field: 'override.action', after: 'strip' },
    ],
  })
  expect(fieldChanges('', undefined, { action: 'strip' }).changes).toEqual([{ field: 'action', after: 'strip' }])
})

it('of a list each member that came or went is told, and its order says nothing', () => {
  expect(fieldChanges('protectedMembers', ['1', '2', '3'], ['3', '1', '4']).changes).toEqual([
    { field: 'protectedMembers', before: '2' },
    { field: 'protectedMembers', after: '4' },
  ])
  expect(fieldChanges('protectedMembers', ['1', '2'], ['2', '1', '1']).changes).toEqual([])
})

it('what is the same has no changes', () => {
  const value = { a: [{ b: 1 }], c: { d: null } }
  expect(fieldChanges('x', value, structuredClone(value))).toEqual({ changes: [] })
})

it('a name that would be mistaken for a path stands in quotes, and no name is special', () => {
  const after = JSON.parse('{"Corp. Members": 1, "__proto__": 2, "": 3, "Größe-1": 4}')
  expect(fieldChanges('by_group', {}, after).changes.map(({ field }) => field)).toEqual([
    'by_group."Corp. Members"',
    'by_group.__proto__',
    'by_group.""',
    'by_group.Größe-1',
  ])
})

it('a member of a list is not taken for a field of the same words', () => {
  expect(fieldChanges('', { a: ['1'] }, { 'a "1"': '1' }).changes).toEqual([
    { field: 'a', before: '1' },
    { field: '"a \\"1\\""', after: '1' },
  ])
})

it('of more than 500 changes the rest is counted', () => {
  const ids = Array.from({ length: 12_000 }, (_, nth) => String(nth))
  const { changes, leftOut } = fieldChanges('roles', [], ids)
  expect([changes.length, changes[0], leftOut]).toEqual([500, { field: 'roles', after: '0' }, 11_500])
})
