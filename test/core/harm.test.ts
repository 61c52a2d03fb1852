import { expect, test } from 'vitest'
import { isAtStake } from '#src/core/at-stake.ts'
import { measureAgain } from '#src/core/blast.ts'
import { harmOf, kicksSomebody, takesSomething } from '#src/core/harm.ts'
import type { Blast } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { findingOf, INVOCATION, member, PILOTS, person, rule, SCOUTS, SETTINGS, scopeWith } from './small.ts'

test('a policy that only reports takes nothing', () => {
  expect(takesSomething(DEFAULT_SETTINGS.policy)).toBe(false)
  expect(takesSomething({ ...DEFAULT_SETTINGS.policy, missing_roles: 'grant' })).toBe(false)
})

test.each([
  ['by default', { unknown_guest: rule('strip') }],
  ['from one group', { linked_no_perm: rule('report', { byGroup: new Map([['Pilots', 'strip_kick']]) }) }],
  ['from one state', { role_drift: rule('report', { byState: new Map([['Guest', 'strip']]) }) }],
] as const)('a policy that takes %s takes something', (_name, change) => {
  expect(takesSomething({ ...DEFAULT_SETTINGS.policy, ...change })).toBe(true)
})

test('a kick is more harm than any number of roles, and nothing found is none', () => {
  const kicked = findingOf(member([]), [], scopeWith({ policy: { unknown_guest: rule('strip_kick') } }))
  const stripped = findingOf(member([PILOTS, SCOUTS]), [], scopeWith())
  expect(harmOf(kicked)).toBeGreaterThan(harmOf(stripped))
  expect(harmOf(stripped)).toBe(2)
  expect(harmOf(undefined)).toBe(0)
})

test('a guest who holds nothing is at stake only where they would be kicked', () => {
  expect(isAtStake(findingOf(member([]), [], scopeWith()))).toBe(false)
  expect(isAtStake(findingOf(member([]), [], scopeWith({ policy: { unknown_guest: rule('strip_kick') } })))).toBe(true)
  expect(isAtStake(findingOf(member([PILOTS]), [], scopeWith()))).toBe(true)
  expect(isAtStake(findingOf(member([]), [person(['Pilots'])], scopeWith()))).toBe(true)
  expect(isAtStake(findingOf(member([]), [person(), person([], { id: '43' })], scopeWith()))).toBe(true)
})

const PLAN: Blast = { population: 100, affected: 10, limit: 10, dayLimit: 25, kicks: 2, kickLimit: 2, over: false }
const UNATTENDED = { ...INVOCATION, trigger: 'schedule' } as const

test.each([
  ['with limits as they were', {}, UNATTENDED, false],
  ['where the limit of a run was lowered since', { blast: { run: 0.09, day: 0.25, kicks: 0.02 } }, INVOCATION, true],
  ['where the limit of kicks was lowered since', { blast: { run: 0.1, day: 0.25, kicks: 0.01 } }, INVOCATION, true],
  ['where others fill the day', {}, { ...UNATTENDED, dayAffected: 16 }, true],
  ['where others just do not fill the day', {}, { ...UNATTENDED, dayAffected: 15 }, false],
  ['where others kicked today', {}, { ...UNATTENDED, dayKicks: 1 }, true],
  ['where others fill the day, and a person asks', {}, { ...INVOCATION, dayAffected: 90, dayKicks: 9 }, false],
] as const)('a plan that is taken up again is measured again: %s', (_name, settings, invocation, over) => {
  const blast = { run: 0.1, day: 0.25, kicks: 0.02 }
  expect(measureAgain(PLAN, { ...SETTINGS, blast, ...settings }, invocation).over).toBe(over)
})

test.each([
  ['where nothing kicks', { unknown_guest: rule('strip') }, [], false],
  ['by default', { linked_no_perm: rule('strip_kick') }, [], true],
  ['of one state', { unknown_guest: rule('report', { byState: new Map([['Guest', 'strip_kick']]) }) }, [], true],
  ['by an override', {}, [{ memberId: '7', action: 'strip_kick', expiresAt: null, reason: '' }], true],
] as const)('settings that kick are known: %s', (_name, change, overrides, expected) => {
  expect(kicksSomebody({ policy: { ...DEFAULT_SETTINGS.policy, ...change }, overrides })).toBe(expected)
})
