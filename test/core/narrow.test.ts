import { expect, test } from 'vitest'
import type { Finding } from '#src/core/model.ts'
import { narrow, narrowAll } from '#src/core/narrow.ts'
import { EVERYTHING } from '#src/core/run.ts'
import { findingOf, member, PILOTS, person, rule, SCOUTS, scopeWith } from './small.ts'

/** A guest who holds two governed roles and is to be kicked. */
const guest: Finding = findingOf(
  member([PILOTS, SCOUTS]),
  [],
  scopeWith({ policy: { unknown_guest: rule('strip_kick') } }),
)
/** Ann, who holds Scouts without having earned it and lacks Pilots. */
const drifter: Finding = findingOf(member([SCOUTS]), [person(['Pilots'])], scopeWith())

const only = (memberId: string | null, roleId: string | null) => ({ memberId, roleId })

test('a run of everything has findings as they are', () => {
  expect(narrow(guest, EVERYTHING)).toBe(guest)
})

test('a run of one member has that member’s findings as they are, kick and all, and nobody else’s', () => {
  expect(narrow(guest, only('3', null))).toBe(guest)
  expect(narrow(guest, only('4', null))).toBeNull()
})

test('a run of one role takes that role and kicks nobody', () => {
  expect(narrow(guest, only(null, PILOTS))).toEqual({
    ...guest,
    kick: false,
    effectiveAction: 'strip',
    removeRoles: [PILOTS],
  })
})

test('a run of one role leaves out those whom it does not concern', () => {
  expect(narrow(findingOf(member([PILOTS]), [], scopeWith()), only(null, SCOUTS))).toBeNull()
})

test('a run of one role gives that role where it is missing, and takes nothing else', () => {
  expect(narrow(drifter, only(null, PILOTS))).toMatchObject({
    effectiveAction: 'grant',
    removeRoles: [],
    addRoles: [PILOTS],
    excessRoles: [SCOUTS],
  })
})

test('a member whose part of it a gate holds is in the run, and is reported', () => {
  const held = findingOf(member([SCOUTS]), [person([])], scopeWith({ settings: { protectedMembers: ['3'] } }))
  expect(narrow(held, only(null, SCOUTS))).toMatchObject({ effectiveAction: 'report', gates: ['protected_member'] })
})

test('both can be named at once', () => {
  expect(narrow(guest, only('3', SCOUTS))).toMatchObject({ removeRoles: [SCOUTS], kick: false })
  expect(narrow(guest, only('4', SCOUTS))).toBeNull()
})

test('of many findings those of the run are left', () => {
  expect(narrowAll([guest, drifter], EVERYTHING)).toEqual([guest, drifter])
  expect(narrowAll([guest, { ...drifter, memberId: '9' }], only('9', null)).map(({ memberId }) => memberId)).toEqual([
    '9',
  ])
})
