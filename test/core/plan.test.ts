import { describe, expect, it } from 'vitest'
import type { Counts, Finding, Invocation, Settings } from '#src/core/model.ts'
import { inOrder, makePlan } from '#src/core/plan.ts'
import { findingOf, member, PILOTS, person, rule, SCOUTS, scopeWith } from './small.ts'

const kicking = scopeWith({ policy: { unknown_guest: rule('strip_kick') } })

function stripped(id: number): Finding {
  return findingOf(member([PILOTS], { id: String(id) }), [], scopeWith())
}

function kicked(id: number): Finding {
  return findingOf(member([], { id: String(id) }), [], kicking)
}

function counts(members: number, bots = 0): Counts {
  const none = {
    identity_conflict: 0,
    unknown_guest: 0,
    linked_no_perm: 0,
    role_drift: 0,
    missing_roles: 0,
    in_order: 0,
  }
  return { ...none, members, bot_filtered: bots }
}

interface Run {
  readonly strips?: number
  readonly kicks?: number
  readonly others?: readonly Finding[]
  readonly members?: number
  readonly bots?: number
  readonly invocation?: Partial<Invocation>
  readonly blast?: Settings['blast']
}

const DIGEST = 'sha256:of the findings'

function planOf({ strips = 0, kicks = 0, others = [], members = 100, bots = 0, invocation = {}, blast }: Run) {
  const findings = [
    ...Array.from({ length: strips }, (_, at) => stripped(100 + at)),
    ...Array.from({ length: kicks }, (_, at) => kicked(500 + at)),
    ...others,
  ]
  const scope = scopeWith({ invocation, ...(blast && { settings: { blast } }) })
  const plan = makePlan({ scope, counts: counts(members, bots), findings: inOrder(findings), digest: DIGEST })
  return { plan }
}

const shares = { run: 0.1, day: 0.25, kicks: 0.02 }

describe('the blast radius', () => {
  it.each<[string, Run, boolean]>([
    ['a tenth of the members', { strips: 10 }, false],
    ['more than a tenth', { strips: 11 }, true],
    ['one, however small the guild', { strips: 1, members: 2 }, false],
    ['two in a small guild', { strips: 2, members: 2 }, true],
    ['a tenth once the bots are left out', { strips: 10, members: 110, bots: 20 }, true],
    ['two kicks in a hundred', { kicks: 2 }, false],
    ['three kicks in a hundred', { kicks: 3 }, true],
    ['a day that is used up, where somebody asked', { strips: 1, invocation: { dayAffected: 99 } }, false],
    ['a quarter a day unattended', { strips: 5, invocation: { trigger: 'schedule', dayAffected: 20 } }, false],
    ['more than a quarter a day unattended', { strips: 5, invocation: { trigger: 'realtime', dayAffected: 21 } }, true],
    [
      'nobody, on a day that is over already',
      { invocation: { trigger: 'schedule', dayAffected: 99, dayKicks: 99 } },
      false,
    ],
    ['no kick, on a day with too many', { strips: 1, invocation: { trigger: 'schedule', dayKicks: 99 } }, false],
    ['a kick too many in a day unattended', { kicks: 1, invocation: { trigger: 'schedule', dayKicks: 2 } }, true],
    ['a kick on such a day, where somebody asked', { kicks: 1, invocation: { dayKicks: 2 } }, false],
    // 0.29 of 100 as a double is a little less than 29.
    ['28 at a share of 0.29', { strips: 28, blast: { ...shares, run: 0.29 } }, false],
    ['29 at a share of 0.29', { strips: 29, blast: { ...shares, run: 0.29 } }, true],
  ])('of %s', (_, run, over) => {
    const { plan } = planOf(run)
    expect(plan.blast.over).toBe(over)
    expect(plan.planned !== undefined).toBe(over)
  })

  it('does not count grants as affected, but holds them back with the rest', () => {
    const grant = findingOf(member([], { id: '9' }), [person(['Scouts'])], scopeWith())
    const calm = planOf({ others: [grant], members: 1 }).plan
    expect(calm.blast).toMatchObject({ affected: 0, over: false })
    const { plan } = planOf({ strips: 2, others: [grant], members: 2 })
    expect(plan.findings[0]).toMatchObject({
      memberId: '9',
      gates: ['blast_radius'],
      effectiveAction: 'report',
      addRoles: [],
    })
    expect(plan.planned?.[0]).toMatchObject({ memberId: '9', gates: [], addRoles: [SCOUTS] })
  })

  it('leaves alone what was only reported', () => {
    const quiet = findingOf(member([], { id: '9' }), [], scopeWith())
    expect(planOf({ strips: 2, others: [quiet], members: 2 }).plan.findings[0]).toEqual(quiet)
  })

  it('takes kicks and roles away, and keeps the facts', () => {
    const { plan } = planOf({ kicks: 3 })
    expect(plan.blast).toEqual({
      population: 100,
      affected: 3,
      limit: 10,
      dayLimit: 25,
      kicks: 3,
      kickLimit: 2,
      over: true,
    })
    for (const finding of plan.findings) {
      expect(finding).toMatchObject({
        kick: false,
        removeRoles: [],
        policyAction: 'strip_kick',
        gates: ['blast_radius'],
      })
    }
  })

  it('opens for the plan that was approved, and says that it was over', () => {
    const { plan } = planOf({ strips: 2, members: 2, invocation: { approved: DIGEST } })
    expect(plan.blast.over).toBe(true)
    expect(plan).not.toHaveProperty('planned')
    expect(plan.findings.every(({ effectiveAction }) => effectiveAction === 'strip')).toBe(true)
    expect(planOf({ strips: 2, members: 2, invocation: { approved: 'sha256:another' } }).plan).toHaveProperty('planned')
  })
})

describe('a plan', () => {
  it('sorts its findings by member id as a number', () => {
    const others = ['1000', '9', '20', '99999999999999999999', '100000000000000000000'].map(
      (id) => stripped(1) && { ...stripped(1), memberId: id },
    )
    expect(planOf({ others }).plan.findings.map(({ memberId }) => memberId)).toEqual([
      '9',
      '20',
      '1000',
      '99999999999999999999',
      '100000000000000000000',
    ])
  })

  it('is named by the digest of its sorted findings before the blast radius was asked', () => {
    const { plan } = planOf({ strips: 2, members: 2 })
    expect(plan.digest).toBe(DIGEST)
    expect(plan.planned?.map(({ memberId }) => memberId)).toEqual(['100', '101'])
  })
})
