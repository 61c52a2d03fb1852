import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexClaims } from '#src/core/claims.ts'
import { decide } from '#src/core/decide.ts'
import { explain } from '#src/core/explain.ts'
import { CATEGORIES, GATES, type Id, type Identity, type Member, type Verdict } from '#src/core/model.ts'
import type { Scope } from '#src/core/scope.ts'
import type { Change } from '#src/core/turning.ts'
import { alignMost, drawFrom, drawWorld } from './awkward.ts'
import { ADMIRALS, ANN, CHAT, EVERYONE, member, PILOTS, person, rule, SCOUTS, scopeWith } from './small.ts'

/** A member, who claims them, and what was made of it. */
interface Case {
  readonly member: Member
  readonly claims: readonly Identity[]
  readonly scope: Scope
}

function categoryOf(verdict: Verdict): string {
  return verdict.kind === 'quiet' ? verdict.category : verdict.finding.category
}

function excessOf(verdict: Verdict): readonly Id[] {
  return verdict.kind === 'quiet' ? [] : verdict.finding.excessRoles
}

function forEachCase(look: (each: Case) => void): void {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const g = drawFrom(seed)
      const { members, identities, scope } = alignMost(g, drawWorld(g))
      const claims = indexClaims(identities)
      for (const each of members) look({ member: each, claims: claims.get(each.id) ?? [], scope })
    }),
    { numRuns: 200 },
  )
}

/** What the change would make of a case: every way of making it, where there are several. */
function afterwards(change: Change, { member: who, claims }: Case): readonly Pick<Case, 'member' | 'claims'>[] {
  const one = claims[0]!
  const withIdentity = (changed: Partial<Identity>) => [{ member: who, claims: [{ ...one, ...changed }] }]
  switch (change.kind) {
    case 'link_account':
      return [{ member: who, claims: [person([])] }]
    case 'activate':
      return withIdentity({ active: true })
    case 'give_access':
      return withIdentity({ access: true })
    case 'activate_and_give_access':
      return withIdentity({ active: true, access: true })
    case 'resolve_conflict':
      return change.identityIds.map((id) => ({ member: who, claims: claims.filter((each) => each.id === id) }))
    case 'join':
      return change.names.flatMap(({ kind, name }) =>
        withIdentity(kind === 'group' ? { groups: [...one.groups, name] } : { state: name }),
      )
    case 'take_role':
      return [{ member: { ...who, roleIds: who.roleIds.filter((id) => !change.roleIds.includes(id)) }, claims }]
    case 'give_role':
      return [{ member: { ...who, roleIds: [...who.roleIds, ...change.roleIds] }, claims }]
    case 'lose':
      return withIdentity(
        change.name.kind === 'group'
          ? { groups: one.groups.filter((group) => group !== change.name.name) }
          : { state: null },
      )
    case 'lose_access':
      return withIdentity({ superuser: false, access: false })
  }
}

describe('the smallest change', () => {
  it('really turns the category or empties the excess, in any guild, whatever it is', () => {
    const kinds = new Set<string>()
    forEachCase((each) => {
      const { verdict, turning } = explain(each.member, each.claims, each.scope)
      if (categoryOf(verdict) === 'bot_filtered') return expect(turning).toBeNull()
      kinds.add(turning!.kind)
      const worlds = afterwards(turning!, each)
      expect(worlds.length).toBeGreaterThan(0)
      for (const { member: who, claims } of worlds) {
        const after = decide(who, claims, each.scope)
        const turned = categoryOf(after) !== categoryOf(verdict)
        const emptied = excessOf(verdict).length > 0 && excessOf(after).length === 0
        expect([turning, turned || emptied]).toEqual([turning, true])
      }
    })
    expect([...kinds].sort()).toEqual([
      'activate',
      'activate_and_give_access',
      'give_access',
      'give_role',
      'join',
      'link_account',
      'lose',
      'lose_access',
      'resolve_conflict',
      'take_role',
    ])
  })

  it.each<[string, Member, readonly Identity[], Change]>([
    ['a guest', member([PILOTS]), [], { kind: 'link_account' }],
    ['an inactive person', member(), [person([], { active: false })], { kind: 'activate', identityId: '42' }],
    ['a person without access', member(), [person([], { access: false })], { kind: 'give_access', identityId: '42' }],
    [
      'a conflict',
      member(),
      [person(), person([], { id: '43' })],
      { kind: 'resolve_conflict', identityIds: ['42', '43'] },
    ],
    [
      'a role that a group would earn',
      member([PILOTS]),
      [person()],
      { kind: 'join', identityId: '42', roleIds: [PILOTS], names: [{ kind: 'group', name: 'Pilots' }] },
    ],
    [
      'two roles that no one name would earn',
      member([PILOTS, SCOUTS]),
      [person()],
      { kind: 'take_role', roleIds: [PILOTS, SCOUTS] },
    ],
    ['a role that is missing', member(), [person(['Scouts'])], { kind: 'give_role', roleIds: [SCOUTS] }],
    [
      'a person in order',
      member([SCOUTS]),
      [person(['Scouts'])],
      { kind: 'lose', identityId: '42', name: { kind: 'group', name: 'Scouts' }, roleIds: [SCOUTS] },
    ],
    ['a person in order without a role', member([CHAT]), [person()], { kind: 'lose_access', identityId: '42' }],
  ])('for %s', (_, who, claims, change) => {
    expect(explain(who, claims, scopeWith()).turning).toEqual(change)
  })

  it('does not promise a state that would cost another role', () => {
    const names = { groups: [], states: ['Pilots', 'Scouts'] }
    const who = member([PILOTS, SCOUTS])
    expect(explain(who, [person([], { state: 'Scouts' })], scopeWith({ names })).turning).toEqual({
      kind: 'take_role',
      roleIds: [PILOTS],
    })
  })
})

describe('an explanation', () => {
  it('says what decide says, marks one rule, and all gates and layers in order, in any guild', () => {
    forEachCase(({ member: who, claims, scope }) => {
      const told = explain(who, claims, scope)
      expect(told.verdict).toEqual(decide(who, claims, scope))
      expect(told.rules.map(({ category }) => category)).toEqual(CATEGORIES)
      const deciding = told.rules.filter((line) => line.deciding)
      expect(deciding.map(({ category }) => category)).toEqual([categoryOf(told.verdict)])
      expect(told.rules.find(({ holds }) => holds)).toEqual(deciding[0])
      expect(told.gates.map(({ gate }) => gate)).toEqual(GATES)
      if (told.verdict.kind === 'quiet') return
      const { gates, decidedBy, policyAction } = told.verdict.finding
      expect(told.gates.filter(({ state }) => state === 'closed').map(({ gate }) => gate)).toEqual(gates)
      const layers = told.layers.filter((line) => line.deciding)
      expect(layers.map(({ layer, says }) => [layer, says])).toEqual([[decidedBy, policyAction]])
    })
  })

  it('shows what is held and earned, by what, and why a role is left alone', () => {
    const scope = scopeWith({
      settings: { roleExceptions: [ADMIRALS] },
      names: { groups: ['Pilots', 'Scouts', 'Admirals'], states: ['Pilots'] },
    })
    const who = member([PILOTS, CHAT, ADMIRALS, '7777', EVERYONE])
    const { roles } = explain(who, [person(['Pilots', 'Scouts'], { state: 'Pilots' })], scope)
    expect(
      roles.map(({ name, held, entitled, governed, reachable }) => [name, held, entitled, governed, reachable]),
    ).toEqual([
      ['Pilots', true, true, true, true],
      ['Scouts', false, true, true, true],
      ['@everyone', true, false, false, true],
      ['Chat', true, false, false, true],
      ['Admirals', true, false, false, false],
      ['7777', true, false, false, false],
    ])
    expect(roles.map(({ earnedBy }) => earnedBy)).toEqual([
      ['group Pilots', 'state Pilots'],
      ['group Scouts'],
      [],
      [],
      [],
      [],
    ])
    expect(roles.map(({ ungovernedBecause }) => ungovernedBecause)).toEqual([
      null,
      null,
      'everybody holds it',
      'no group or state maps to it',
      'it is among the role exceptions',
      'the guild has no such role any more',
    ])
  })

  it('gives the reason for each closed gate', () => {
    const scope = scopeWith({
      policy: { unknown_guest: rule('strip_kick') },
      settings: { protectedRoles: [PILOTS], acknowledged: false },
      truth: { suspect: true, why: ['no_access', 'dropped:linked'] },
      invocation: { trigger: 'schedule', action: 'strip', mayDestroy: false },
      guild: { ownerId: ANN },
    })
    const closed = explain(member([PILOTS, ADMIRALS]), [], scope).gates.filter(({ state }) => state === 'closed')
    expect(closed.map(({ because }) => because)).toEqual([
      'protected by Pilots',
      'the member owns the guild',
      "at or above the bot's highest role: Admirals",
      'this run may go as far as strip',
      'whoever asked may not take roles away',
      "the guild's first run was never acknowledged",
      'schedule is not armed',
      'the identity source is suspect: no_access, dropped:linked',
    ])
  })

  it('asks no gate about a member in order, and none where nothing is wanted', () => {
    const states = (claims: readonly Identity[], roles: readonly Id[]) =>
      new Set(explain(member(roles), claims, scopeWith()).gates.map(({ state }) => state))
    expect(states([person()], [])).toEqual(new Set(['not_asked']))
    expect(states([], [CHAT])).toEqual(new Set(['open', 'not_asked']))
  })
})
