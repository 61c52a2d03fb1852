import { expect, it } from 'vitest'
import { toMember } from '#src/discord/answers.ts'

const MARCH = Date.UTC(2026, 2, 1, 12, 30, 15, 250)

it.each([
  ['as Discord writes it', '2026-03-01T12:30:15.250000+00:00', MARCH],
  ['in another zone', '2026-03-01T13:30:15.250+01:00', MARCH],
  ['not at all, as of guests of a voice channel', null, null],
  ['nowhere in the answer', undefined, null],
  ['in words', 'last spring', null],
  ['as a number', MARCH, null],
] as const)('since when a member is here is read where it is said %s', (_how, joined_at, joinedAt) => {
  const raw = { user: { id: '3' }, roles: [], ...(joined_at !== undefined && { joined_at }) }
  expect(toMember(raw, '1000').joinedAt).toBe(joinedAt)
})
