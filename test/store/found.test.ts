import { expect, it } from 'vitest'
import { countOf, gatesIn, outOfOrder } from '#src/core/found.ts'
import type { Finding } from '#src/core/model.ts'
import { foundByRun } from '#src/store/found.ts'
import { placedOverrides } from '#src/store/placed-overrides.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, HOUR, newGuild } from './book.ts'
import { FINDING, planOf, runningRun } from './making-runs.ts'

const GUEST: Finding = {
  ...FINDING,
  identityId: null,
  category: 'unknown_guest',
  effectiveAction: 'report',
  removeRoles: [],
  excessRoles: [],
  unreachableRoles: [],
}
const FINDINGS: readonly Finding[] = [
  { ...FINDING, memberId: '1' },
  { ...FINDING, memberId: '2' },
  { ...FINDING, memberId: '3', decidedBy: 'override', policyAction: 'report', effectiveAction: 'report' },
  { ...FINDING, memberId: '4', gates: ['out_of_reach', 'first_run_lock'], effectiveAction: 'report' },
  { ...GUEST, memberId: '5' },
  { ...GUEST, memberId: '6' },
  { ...GUEST, memberId: '7', policyAction: 'strip_kick', gates: ['first_run_lock'] },
  { ...FINDING, memberId: '8', category: 'identity_conflict', excessRoles: [], gates: ['identity_conflict'] },
  { ...FINDING, memberId: '9', category: 'missing_roles', excessRoles: [], missingRoles: ['1001'] },
]

withDatabases('what is told of a run', (database) => {
  it('counts the findings that are shown, as those count who list them', async () => {
    const { db } = database.opened
    const book = bookOf(db)
    const { guildId, id } = await runningRun(book)
    await book.storePlan(planOf({ guildId, id }, FINDINGS, [FINDING]))
    const found = await foundByRun(db, guildId, id)
    expect(countOf(found, () => true)).toBe(FINDINGS.length)
    expect(countOf(found, outOfOrder)).toBe(await book.countAtStake(guildId, id))
    expect(gatesIn(found)).toEqual({ out_of_reach: 1, first_run_lock: 2, identity_conflict: 1 })
    expect(found.filter(({ category }) => category === 'unknown_guest').map(({ count }) => count)).toEqual(
      expect.arrayContaining([1, 2]),
    )
    expect(countOf(found, ({ decidedBy }) => decidedBy === 'override')).toBe(1)
    expect(await foundByRun(db, newGuild(), id)).toEqual([])
  })

  it('names who set an override and when, of those who are asked about', async () => {
    const { db } = database.opened
    const book = bookOf(db)
    const guildId = newGuild()
    const one = { memberId: '42', action: 'report', expiresAt: AT + HOUR, reason: 'on leave' } as const
    await book.setOverride(guildId, one, { actor: 'discord:7', at: AT, reason: null })
    await book.setOverride(
      guildId,
      { ...one, memberId: '43', expiresAt: null },
      { actor: 'cli:ops', at: AT, reason: null },
    )
    const placed = await placedOverrides(db, guildId, ['42', '44'])
    expect([...placed]).toEqual([['42', { ...one, by: 'discord:7', at: AT }]])
    expect((await placedOverrides(db, guildId, ['43'])).get('43')).toMatchObject({ by: 'cli:ops', expiresAt: null })
    expect(await placedOverrides(db, newGuild(), ['42'])).toEqual(new Map())
    expect(await placedOverrides(db, guildId, [])).toEqual(new Map())
  })
})
