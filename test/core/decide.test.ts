import { describe, expect, it } from 'vitest'
import { decide } from '#src/core/decide.ts'
import type { Identity, Member } from '#src/core/model.ts'
import {
  ADMIRALS,
  ANN,
  BOT,
  CHAT,
  type Changes,
  findingOf,
  member,
  OWNER,
  PILOTS,
  person,
  ROLES,
  rule,
  SCOUTS,
  scopeWith,
} from './small.ts'

function categoryOf(who: Member, claims: readonly Identity[], changes: Changes = {}): string {
  const verdict = decide(who, claims, scopeWith(changes))
  return verdict.kind === 'quiet' ? verdict.category : verdict.finding.category
}

describe('what a member is', () => {
  const two = [person([]), person([], { id: '43' })]
  it.each<[string, string, Member, readonly Identity[], Changes?]>([
    ['a bot, by what Discord says', 'bot_filtered', member([PILOTS], { bot: true }), []],
    ['a bot, by the settings', 'bot_filtered', member([PILOTS]), [], { settings: { botAccounts: [ANN] } }],
    ['the bot itself', 'bot_filtered', member([PILOTS], { id: BOT }), []],
    ['a bot even where two people claim it', 'bot_filtered', member([], { bot: true }), two],
    ['a conflict where two people claim the account', 'identity_conflict', member([]), two],
    ['a guest where nobody claims the account', 'unknown_guest', member([]), []],
    [
      'without permission where the identity is inactive',
      'linked_no_perm',
      member([]),
      [person([], { active: false })],
    ],
    ['without permission where access is lacking', 'linked_no_perm', member([]), [person([], { access: false })]],
    [
      'without permission although a superuser, where inactive',
      'linked_no_perm',
      member([]),
      [person([], { active: false, superuser: true })],
    ],
    ['let in as a superuser', 'in_order', member([]), [person([], { access: false, superuser: true })]],
    ['drifting with a role not earned', 'role_drift', member([PILOTS]), [person([])]],
    ['drifting even where a role is missing too', 'role_drift', member([PILOTS]), [person(['Scouts'])]],
    ['missing a role that was earned', 'missing_roles', member([PILOTS]), [person(['Pilots', 'Scouts'])]],
    ['in order with just what was earned', 'in_order', member([PILOTS]), [person(['Pilots'])]],
    ['in order with roles that nobody governs', 'in_order', member([CHAT]), [person([])]],
    ['in order with a role of a deleted kind', 'in_order', member(['7777']), [person([])]],
    [
      'in order with a role earned by state',
      'in_order',
      member([CHAT]),
      [person([], { state: 'Chat' })],
      { names: { states: ['Chat'] } },
    ],
  ])('is %s', (_, category, who, claims, changes) => {
    expect(categoryOf(who, claims, changes)).toBe(category)
  })

  it('counts every governed role as excess where nobody vouches for the member', () => {
    for (const claims of [[], two, [person(['Pilots'], { access: false })]]) {
      const found = findingOf(member([SCOUTS, PILOTS, CHAT]), claims, scopeWith())
      expect([found.excessRoles, found.missingRoles]).toEqual([[PILOTS, SCOUTS], []])
    }
  })

  it('names the identity only where it is the only one', () => {
    expect(findingOf(member([]), two, scopeWith()).identityId).toBeNull()
    expect(findingOf(member([]), [], scopeWith()).identityId).toBeNull()
    expect(findingOf(member([PILOTS]), [person([])], scopeWith()).identityId).toBe('42')
  })

  it('counts a role that is listed twice once, and sorts by number', () => {
    const odd = { guild: { roles: [...ROLES, { id: '999', name: 'Scouts', position: 1, managed: false }] } }
    const found = findingOf(member([SCOUTS, PILOTS, SCOUTS, '999']), [], scopeWith(odd))
    expect(found.excessRoles).toEqual(['999', PILOTS, SCOUTS])
  })
})

describe('a conflict', () => {
  it('is always held and only reported, whatever the policy and the overrides say', () => {
    const overrides = [{ memberId: ANN, action: 'strip_kick', expiresAt: null, reason: '' } as const]
    const found = findingOf(
      member([PILOTS]),
      [person(), person([], { id: '9' })],
      scopeWith({ settings: { overrides } }),
    )
    expect(found).toMatchObject({
      policyAction: 'report',
      decidedBy: 'category',
      gates: ['identity_conflict'],
      effectiveAction: 'report',
      removeRoles: [],
      excessRoles: [PILOTS],
    })
  })
})

describe('what is done where nothing forbids it', () => {
  it('takes the excess roles away', () => {
    const found = findingOf(member([PILOTS, SCOUTS]), [person(['Scouts'])], scopeWith())
    expect(found).toMatchObject({ effectiveAction: 'strip', removeRoles: [PILOTS], addRoles: [], gates: [] })
  })

  it('takes and gives at once', () => {
    const found = findingOf(member([PILOTS]), [person(['Scouts'])], scopeWith())
    expect(found).toMatchObject({ effectiveAction: 'strip', removeRoles: [PILOTS], addRoles: [SCOUTS] })
  })

  it('only gives where drift is reported and grants are wanted', () => {
    const found = findingOf(
      member([PILOTS]),
      [person(['Scouts'])],
      scopeWith({ policy: { role_drift: rule('report') } }),
    )
    expect(found).toMatchObject({
      policyAction: 'report',
      effectiveAction: 'grant',
      removeRoles: [],
      addRoles: [SCOUTS],
    })
  })

  it('gives nothing where missing roles are only reported', () => {
    const found = findingOf(member([]), [person(['Scouts'])], scopeWith({ policy: { missing_roles: 'report' } }))
    expect(found).toMatchObject({
      policyAction: 'report',
      effectiveAction: 'report',
      addRoles: [],
      missingRoles: [SCOUTS],
    })
  })

  it('removes the roles before a kick', () => {
    const found = findingOf(member([PILOTS]), [], scopeWith({ policy: { unknown_guest: rule('strip_kick') } }))
    expect(found).toMatchObject({ effectiveAction: 'strip_kick', kick: true, removeRoles: [PILOTS] })
  })

  it('kicks a guest without any role', () => {
    const found = findingOf(member([]), [], scopeWith({ policy: { unknown_guest: rule('strip_kick') } }))
    expect(found).toMatchObject({ effectiveAction: 'strip_kick', kick: true, removeRoles: [] })
  })

  it('asks no gate where there is nothing to take', () => {
    const scope = scopeWith({ settings: { acknowledged: false }, invocation: { mayDestroy: false } })
    expect(findingOf(member([CHAT]), [], scope)).toMatchObject({
      policyAction: 'strip',
      effectiveAction: 'report',
      gates: [],
    })
  })
})

describe('which layer of the policy decides', () => {
  const layered = rule<'report' | 'strip' | 'strip_kick'>('strip', {
    byGroup: new Map([
      ['Pilots', 'strip_kick'],
      ['Scouts', 'report'],
      ['constructor', 'strip_kick'],
    ]),
    byState: new Map([['Guest', 'strip_kick']]),
  })
  const noAccess = (groups: readonly string[], state: string | null) => person(groups, { access: false, state })
  const override = (action: 'report' | 'strip' | 'strip_kick', expiresAt: number | null) => ({
    overrides: [{ memberId: ANN, action, expiresAt, reason: 'on leave' }],
  })
  const now = Date.parse('2026-11-22T12:00:00Z')

  it.each([
    ['default', 'strip', noAccess([], null), {}],
    ['default', 'strip', noAccess(['Admirals'], 'Member'), {}],
    ['by_state', 'strip_kick', noAccess([], 'Guest'), {}],
    ['by_group', 'strip_kick', noAccess(['Pilots'], 'Member'), {}],
    ['by_group', 'report', noAccess(['Pilots', 'Scouts'], 'Guest'), {}],
    ['by_group', 'strip_kick', noAccess(['constructor'], null), {}],
    ['default', 'strip', noAccess(['__proto__', 'toString'], null), {}],
    ['override', 'report', noAccess(['Pilots'], 'Guest'), override('report', null)],
    ['override', 'strip_kick', noAccess(['Scouts'], 'Guest'), override('strip_kick', now + 1)],
    ['by_group', 'report', noAccess(['Scouts'], 'Guest'), override('strip_kick', now)],
    ['by_group', 'report', noAccess(['Scouts'], 'Guest'), override('strip_kick', now - 1)],
  ] as const)('%s says %s', (decidedBy, policyAction, identity, settings) => {
    const scope = scopeWith({ settings, policy: { linked_no_perm: layered } })
    expect(findingOf(member([PILOTS]), [identity], scope)).toMatchObject({ decidedBy, policyAction })
  })

  it('lets an override kick a guest, of whom no group is known', () => {
    const scope = scopeWith({ settings: override('strip_kick', null), policy: { unknown_guest: layered } })
    expect(findingOf(member([]), [], scope)).toMatchObject({ decidedBy: 'override', kick: true })
  })

  it('never kicks for drift: an override that would only strips, and says so', () => {
    const found = findingOf(member([PILOTS]), [person([])], scopeWith({ settings: override('strip_kick', null) }))
    expect(found).toMatchObject({ policyAction: 'strip', decidedBy: 'override', kick: false, effectiveAction: 'strip' })
  })

  it('neither makes nor stops a grant by an override', () => {
    for (const missing_roles of ['report', 'grant'] as const) {
      for (const action of ['report', 'strip_kick'] as const) {
        const scope = scopeWith({ settings: override(action, null), policy: { missing_roles } })
        const found = findingOf(member([]), [person(['Pilots'])], scope)
        expect(found).toMatchObject({
          policyAction: missing_roles,
          decidedBy: 'default',
          effectiveAction: missing_roles,
        })
      }
    }
  })

  it('still grants to a drifting member whom an override spares', () => {
    const found = findingOf(member([PILOTS]), [person(['Scouts'])], scopeWith({ settings: override('report', null) }))
    expect(found).toMatchObject({ policyAction: 'report', effectiveAction: 'grant', addRoles: [SCOUTS] })
  })
})

describe('what forbids it', () => {
  const guestKick = { policy: { unknown_guest: rule('strip_kick' as const) } }
  const closed = { kick: false, removeRoles: [], addRoles: [], effectiveAction: 'report' }
  const drifting: [Member, readonly Identity[]] = [member([PILOTS]), [person(['Scouts'])]]

  it.each<[string, Changes]>([
    ['actor_not_permitted', { invocation: { mayDestroy: false } }],
    ['first_run_lock', { settings: { acknowledged: false } }],
    ['unattended_not_armed', { invocation: { trigger: 'schedule' } }],
    [
      'unattended_not_armed',
      { invocation: { trigger: 'realtime' }, settings: { armed: { schedule: true, realtime: false } } },
    ],
    ['identity_suspect', { truth: { suspect: true, why: ['no_access'] } }],
    ['action_ceiling', { invocation: { action: 'report' } }],
  ])('%s holds everything back, grants too', (gate, changes) => {
    expect(findingOf(...drifting, scopeWith(changes))).toMatchObject({ ...closed, gates: [gate] })
  })

  it.each<[string, Changes]>([
    ['protected_member', { settings: { protectedMembers: [ANN] } }],
    ['protected_member', { settings: { protectedRoles: [PILOTS] } }],
    ['guild_owner', { guild: { ownerId: ANN } }],
  ])('%s keeps what is held, and lets a grant through', (gate, changes) => {
    expect(findingOf(...drifting, scopeWith(changes))).toMatchObject({
      gates: [gate],
      effectiveAction: 'grant',
      removeRoles: [],
      addRoles: [SCOUTS],
    })
  })

  it('protects by a role that the guild no longer has', () => {
    const scope = scopeWith({ settings: { protectedRoles: ['7777'] } })
    expect(findingOf(member([PILOTS, '7777']), [], scope).gates).toEqual(['protected_member'])
  })

  it.each<[string, Changes]>([
    ['the owner', { guild: { ownerId: ANN } }],
    ['a protected member', { settings: { protectedMembers: [ANN] } }],
  ])('says nothing of %s where only a grant is wanted', (_, changes) => {
    expect(findingOf(member([]), [person(['Scouts'])], scopeWith(changes))).toMatchObject({
      gates: [],
      effectiveAction: 'grant',
    })
  })

  it('opens for an armed schedule, and for armed real time', () => {
    const settings = { armed: { schedule: true, realtime: true } }
    for (const trigger of ['schedule', 'realtime'] as const) {
      expect(findingOf(...drifting, scopeWith({ settings, invocation: { trigger } })).gates).toEqual([])
    }
  })

  it('holds the roles out of reach and takes the others', () => {
    const found = findingOf(member([PILOTS, ADMIRALS]), [], scopeWith())
    expect(found).toMatchObject({
      gates: ['out_of_reach'],
      effectiveAction: 'strip',
      removeRoles: [PILOTS],
      unreachableRoles: [ADMIRALS],
    })
  })

  it('gives no role out of reach', () => {
    const found = findingOf(member([]), [person(['Admirals', 'Pilots'])], scopeWith())
    expect(found).toMatchObject({
      gates: ['out_of_reach'],
      effectiveAction: 'grant',
      addRoles: [PILOTS],
      unreachableRoles: [ADMIRALS],
    })
  })

  it('names roles out of reach as a fact even where nothing is wanted', () => {
    const found = findingOf(member([ADMIRALS]), [], scopeWith({ policy: { unknown_guest: rule('report') } }))
    expect(found).toMatchObject({ gates: [], unreachableRoles: [ADMIRALS] })
  })

  it('strips but does not kick whose highest role is above the bot, though nobody governs it', () => {
    const scope = scopeWith({ ...guestKick, settings: { roleExceptions: [ADMIRALS] } })
    const found = findingOf(member([PILOTS, ADMIRALS]), [], scope)
    expect(found).toMatchObject({
      gates: ['out_of_reach'],
      effectiveAction: 'strip',
      kick: false,
      removeRoles: [PILOTS],
      unreachableRoles: [],
    })
  })

  it('ranks the lower id higher among equal positions', () => {
    const roles = (position: number) =>
      ROLES.map((each) => (each.id === ADMIRALS || each.id === PILOTS ? { ...each, position } : each))
    const found = findingOf(member([PILOTS, ADMIRALS]), [], scopeWith({ guild: { roles: roles(5) } }))
    expect(found).toMatchObject({ removeRoles: [ADMIRALS], unreachableRoles: [PILOTS] })
  })

  it('reaches nothing and kicks nobody where the bot has no role', () => {
    const scope = scopeWith({ ...guestKick, guild: { botRoleIds: [] } })
    expect(findingOf(member([PILOTS]), [], scope)).toMatchObject({
      ...closed,
      gates: ['out_of_reach'],
      unreachableRoles: [PILOTS],
    })
    expect(findingOf(member([]), [], scope)).toMatchObject({ ...closed, gates: ['out_of_reach'] })
  })

  it('takes only the kick away where the ceiling is strip', () => {
    const found = findingOf(member([PILOTS]), [], scopeWith({ ...guestKick, invocation: { action: 'strip' } }))
    expect(found).toMatchObject({
      gates: ['action_ceiling'],
      effectiveAction: 'strip',
      kick: false,
      removeRoles: [PILOTS],
    })
  })

  it('kicks nobody in real time, whatever the invocation allows', () => {
    const changes = {
      ...guestKick,
      invocation: { trigger: 'realtime' as const },
      settings: { armed: { schedule: false, realtime: true } },
    }
    expect(findingOf(member([PILOTS]), [], scopeWith(changes))).toMatchObject({
      gates: ['action_ceiling'],
      effectiveAction: 'strip',
    })
  })

  it('lists every gate that holds, each asked alone, in one order', () => {
    const changes: Changes = {
      ...guestKick,
      guild: { ownerId: ANN, botRoleIds: [] },
      settings: { protectedMembers: [ANN, OWNER], acknowledged: false },
      invocation: { trigger: 'schedule', action: 'report', mayDestroy: false },
      truth: { suspect: true, why: ['no_groups'] },
    }
    expect(findingOf(member([PILOTS]), [], scopeWith(changes)).gates).toEqual([
      'protected_member',
      'guild_owner',
      'out_of_reach',
      'action_ceiling',
      'actor_not_permitted',
      'first_run_lock',
      'unattended_not_armed',
      'identity_suspect',
    ])
  })
})
