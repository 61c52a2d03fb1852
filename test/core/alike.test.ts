import { expect, test } from 'vitest'
import { isSameFinding } from '#src/core/alike.ts'
import type { Finding } from '#src/core/model.ts'
import { ADMIRALS, findingOf, member, PILOTS, person, SCOUTS, scopeWith } from './small.ts'

const finding: Finding = findingOf(member([SCOUTS, ADMIRALS]), [person(['Pilots'])], scopeWith())

test('a finding is the same as itself, however it was stored', () => {
  const stored = { ...structuredClone(finding), outcome: 'done' }
  expect(isSameFinding(finding, stored)).toBe(true)
})

test.each<[keyof Finding, Partial<Finding>]>([
  ['memberId', { memberId: '9' }],
  ['identityId', { identityId: null }],
  ['category', { category: 'missing_roles' }],
  ['policyAction', { policyAction: 'report' }],
  ['decidedBy', { decidedBy: 'override' }],
  ['gates', { gates: [] }],
  ['effectiveAction', { effectiveAction: 'report' }],
  ['kick', { kick: true }],
  ['removeRoles', { removeRoles: [PILOTS] }],
  ['addRoles', { addRoles: [] }],
  ['excessRoles', { excessRoles: [SCOUTS] }],
  ['missingRoles', { missingRoles: [PILOTS, SCOUTS] }],
  ['unreachableRoles', { unreachableRoles: [] }],
])('a finding with another %s is another finding', (name, change) => {
  expect(Object.keys(change)).toEqual([name])
  expect(isSameFinding(finding, { ...finding, ...change })).toBe(false)
})

test('no part of a finding is left out of it', () => {
  expect(Object.keys(finding)).toHaveLength(13)
})
