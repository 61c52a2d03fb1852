import { describe, expect, it } from 'vitest'
import type { Baseline, Vitals } from '#src/core/directory.ts'
import { checkTruth, highest, vitalsOf } from '#src/core/truth.ts'
import { NAMES, person } from './small.ts'

const LIMITS = { maxDrop: 0.1, maxGroupDrop: 0.5 }

function vitals(changes: Partial<Vitals> = {}): Vitals {
  return { identities: 100, linked: 100, withAccess: 100, perGroup: new Map(), perState: new Map(), ...changes }
}

function why(now: Partial<Vitals>, was: Partial<Baseline> | null, limits = LIMITS): readonly string[] {
  const reading = { vitals: vitals(now), complete: true, permissionExists: true, names: NAMES }
  const baseline = was && { linked: 0, withAccess: 0, perGroup: new Map(), perState: new Map(), ...was }
  return checkTruth(reading, baseline, limits).why
}

describe('the truth check', () => {
  it('believes a source with people, groups and access, where nothing is known of before', () => {
    expect(why({}, null)).toEqual([])
  })

  it('lists every reason, in one order', () => {
    const reading = {
      vitals: vitals({ identities: 0, linked: 0, withAccess: 0 }),
      complete: false,
      permissionExists: false,
      names: { groups: [], states: [], reservedNames: [] },
    }
    const was = { linked: 9, withAccess: 9, perGroup: new Map([['B', 9]]), perState: new Map([['A', 9]]) }
    expect(checkTruth(reading, was, LIMITS)).toEqual({
      suspect: true,
      why: [
        'incomplete',
        'no_permission',
        'no_identities',
        'no_groups',
        'no_access',
        'dropped:linked',
        'dropped:access',
        'dropped:group:B',
        'dropped:state:A',
      ],
      fell: {
        'dropped:linked': { from: 9, to: 0 },
        'dropped:access': { from: 9, to: 0 },
        'dropped:group:B': { from: 9, to: 0 },
        'dropped:state:A': { from: 9, to: 0 },
      },
    })
  })

  it('asks for groups or states, not for both', () => {
    const reading = { vitals: vitals(), complete: true, permissionExists: true }
    for (const names of [
      { groups: ['A'], states: [] },
      { groups: [], states: ['A'] },
    ]) {
      expect(checkTruth({ ...reading, names: { ...names, reservedNames: [] } }, null, LIMITS).why).toEqual([])
    }
  })

  it.each([
    [100, 90, []],
    [100, 89, ['dropped:linked']],
    [20, 18, []],
    [20, 17, ['dropped:linked']],
    [3, 0, ['dropped:linked']],
    [2, 0, []],
    [90, 100, []],
    // A tenth of 30 as a double is exactly 3, of 70 a little more than 7.
    [30, 27, []],
    [70, 63, []],
  ])('of %i linked once and %i now says %j', (was, now, expected) => {
    expect(why({ linked: now }, { linked: was })).toEqual(expected)
    expect(why({ withAccess: now }, { withAccess: was })).toEqual(
      [...(now === 0 ? ['no_access'] : []), ...expected].map((reason) => reason.replace('linked', 'access')),
    )
  })

  it.each([
    [10, 5, false],
    [10, 4, true],
    [5, 0, true],
    [4, 0, false],
    [9, 5, false],
  ])('of %i in a group once and %i now says fallen: %s', (was, now, fallen) => {
    expect(why({ perGroup: new Map([['A', now]]) }, { perGroup: new Map([['A', was]]) })).toEqual(
      fallen ? ['dropped:group:A'] : [],
    )
    expect(why({ perState: new Map([['A', now]]) }, { perState: new Map([['A', was]]) })).toEqual(
      fallen ? ['dropped:state:A'] : [],
    )
  })

  it('counts a name that vanished as nobody, and takes a new one as it is', () => {
    expect(why({ perGroup: new Map([['New', 3]]) }, { perGroup: new Map([['Old', 5]]) })).toEqual(['dropped:group:Old'])
  })

  it('sorts the names by code point, not as JavaScript does', () => {
    const was = new Map(['😀', '\uff5e', 'b', 'a', 'ab'].map((name) => [name, 9]))
    expect(why({}, { perGroup: was })).toEqual(['a', 'ab', 'b', '\uff5e', '😀'].map((name) => `dropped:group:${name}`))
  })

  it('takes the limits from the settings', () => {
    expect(why({ linked: 50 }, { linked: 100 }, { maxDrop: 0.5, maxGroupDrop: 0.5 })).toEqual([])
    expect(why({ linked: 97 }, { linked: 100 }, { maxDrop: 0, maxGroupDrop: 0.5 })).toEqual(['dropped:linked'])
  })
})

describe('the counts of a source', () => {
  it('count people, distinct accounts, access, and every name', () => {
    const people = [
      person(['Pilots', 'Pilots'], { discordIds: ['3', '3', '4'], state: 'Member' }),
      person(['Pilots'], { id: '43', discordIds: ['4'], active: false, superuser: true }),
      person([], { id: '44', discordIds: [], access: false, superuser: true }),
    ]
    expect(vitalsOf(people, NAMES)).toEqual({
      identities: 3,
      linked: 2,
      withAccess: 2,
      perGroup: new Map([
        ['Pilots', 2],
        ['Scouts', 0],
        ['Admirals', 0],
      ]),
      perState: new Map([
        ['Member', 1],
        ['Guest', 0],
      ]),
    })
  })
})

describe('the baseline', () => {
  it('is the highest, number by number, so that many small drops do not slip through', () => {
    const one = {
      linked: 5,
      withAccess: 1,
      perGroup: new Map([
        ['A', 1],
        ['__proto__', 3],
      ]),
      perState: new Map(),
    }
    const two = { linked: 2, withAccess: 4, perGroup: new Map([['A', 2]]), perState: new Map([['B', 1]]) }
    expect(highest([one, two])).toEqual({
      linked: 5,
      withAccess: 4,
      perGroup: new Map([
        ['A', 2],
        ['__proto__', 3],
      ]),
      perState: new Map([['B', 1]]),
    })
    expect(highest([])).toBeNull()
  })
})
