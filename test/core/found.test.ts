import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countOf, type FoundAlike, fatesOf, gatesIn, outOfOrder } from '#src/core/found.ts'
import { GATES } from '#src/core/model.ts'

const alike = (changes: Partial<FoundAlike> = {}): FoundAlike => ({
  category: 'role_drift',
  policyAction: 'strip',
  decidedBy: 'default',
  gates: [],
  effectiveAction: 'strip',
  differs: true,
  count: 1,
  ...changes,
})

const NOTHING = { changed: 0, changedByOverride: 0, held: 0, sparedByOverride: 0, sparedByPolicy: 0 }
const REPORTED = { effectiveAction: 'report' } as const
const GUEST = { category: 'unknown_guest', differs: false, ...REPORTED } as const

describe('what becomes of those who are out of order', () => {
  it.each<[string, Partial<FoundAlike>, Partial<typeof NOTHING>]>([
    ['whoever is stripped is changed', {}, { changed: 1 }],
    ['by an override too', { decidedBy: 'override' }, { changed: 1, changedByOverride: 1 }],
    [
      'whoever is given a role is changed, by no override',
      { effectiveAction: 'grant', decidedBy: 'override', policyAction: 'report' },
      { changed: 1 },
    ],
    ['whom a gate leaves nothing is held', { ...REPORTED, gates: ['protected_member'] }, { held: 1 }],
    ['whom a gate leaves something is changed', { gates: ['out_of_reach'] }, { changed: 1 }],
    ['a policy spares', { ...REPORTED, policyAction: 'report' }, { sparedByPolicy: 1 }],
    ['an override spares', { ...REPORTED, policyAction: 'report', decidedBy: 'override' }, { sparedByOverride: 1 }],
    [
      'a conflict is held',
      {
        ...REPORTED,
        category: 'identity_conflict',
        decidedBy: 'category',
        policyAction: 'report',
        gates: ['identity_conflict'],
      },
      { held: 1 },
    ],
    ['a guest who holds nothing is not among them', GUEST, {}],
    [
      'a guest who is to be kicked is',
      { ...GUEST, policyAction: 'strip_kick', gates: ['action_ceiling'] },
      { held: 1 },
    ],
    ['an override about another role spares nobody', { ...REPORTED, decidedBy: 'override' }, { sparedByPolicy: 1 }],
  ])('%s', (_what, changes, fates) => {
    expect(fatesOf([alike(changes)], false)).toEqual({ ...NOTHING, ...fates })
  })

  it.each<[string, Partial<FoundAlike>, Partial<typeof NOTHING>]>([
    ['whom only the ceiling of the report holds would be changed', { gates: ['action_ceiling'] }, { changed: 1 }],
    ['whom another gate holds as well would be held', { gates: ['protected_member', 'action_ceiling'] }, { held: 1 }],
    ['an override spares in a report too', { policyAction: 'report', decidedBy: 'override' }, { sparedByOverride: 1 }],
  ])('in a report, %s', (_what, changes, fates) => {
    expect(fatesOf([alike({ ...REPORTED, ...changes })], true)).toEqual({ ...NOTHING, ...fates })
  })

  it('each is in exactly one of the numbers, whatever was found', () => {
    const found = fc.array(
      fc.record({
        category: fc.constantFrom(
          'identity_conflict',
          'unknown_guest',
          'linked_no_perm',
          'role_drift',
          'missing_roles',
        ),
        policyAction: fc.constantFrom('report', 'strip', 'strip_kick', 'grant'),
        decidedBy: fc.constantFrom('category', 'override', 'by_group', 'default'),
        gates: fc.subarray([...GATES]),
        effectiveAction: fc.constantFrom('report', 'strip', 'strip_kick', 'grant'),
        differs: fc.boolean(),
        count: fc.integer({ min: 1, max: 1_000 }),
      }) as fc.Arbitrary<FoundAlike>,
    )
    fc.assert(
      fc.property(found, fc.boolean(), (all, reportOnly) => {
        const { changed, changedByOverride, held, sparedByOverride, sparedByPolicy } = fatesOf(all, reportOnly)
        expect(changed + held + sparedByOverride + sparedByPolicy).toBe(countOf(all, outOfOrder))
        expect(changedByOverride).toBeLessThanOrEqual(changed)
      }),
    )
  })
})

it('a finding that two gates hold is counted with both', () => {
  const held = [alike({ gates: ['out_of_reach', 'first_run_lock'], count: 2 }), alike({ gates: ['first_run_lock'] })]
  expect(gatesIn(held)).toEqual({ out_of_reach: 2, first_run_lock: 3 })
})
