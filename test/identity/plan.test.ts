import { describe, expect, it } from 'vitest'
import { changedIds } from '#src/identity/difference.ts'
import { digestOfPeople } from '#src/identity/digest.ts'
import { NOBODY } from '#src/identity/people.ts'
import { changesNothing, dropsTooMany, planImport } from '#src/identity/plan.ts'
import { importLines, shown } from '#src/identity/words.ts'
import { account, crowd, ODD, people, person } from './sample.ts'

describe('the difference of an import', () => {
  const ann = person('42', { username: 'ann', groups: ['Pilots'], discordIds: ['3'] })

  it('names who comes and who goes, sorted by id', () => {
    const diff = planImport(people([person('b'), person('a')]), people([person('d'), person('c'), person('a')]))
    expect(diff.added.map(({ id }) => id)).toEqual(['c', 'd'])
    expect(diff.dropped.map(({ id }) => id)).toEqual(['b'])
    expect(diff.changed).toEqual([])
  })

  it('names what changes about a person field by field', () => {
    const next = { ...ann, username: 'Ann', state: null, active: false, groups: ['Directors'], discordIds: ['3', '4'] }
    expect(planImport(people([ann]), people([next])).changed).toEqual([
      {
        id: '42',
        username: 'Ann',
        fields: [
          { field: 'username', before: 'ann', after: 'Ann' },
          { field: 'state', before: 'Member', after: null },
          { field: 'active', before: true, after: false },
          { field: 'groups', added: ['Directors'], removed: ['Pilots'] },
          { field: 'discordIds', added: ['4'], removed: [] },
        ],
      },
    ])
  })

  it('sees an account that is linked, unlinked, or described otherwise', () => {
    const before = people([ann], { accounts: new Map([['42', [account('1'), account('2')]]]) })
    const after = people([ann], { accounts: new Map([['42', [account('2', { main: true }), account('3')]]]) })
    expect(planImport(before, after).changed[0]?.fields).toEqual([
      { field: 'accounts', added: ['3'], removed: ['1'], altered: ['2'] },
    ])
  })

  it('finds groups that differ in case alone, and says which come and go', () => {
    const before = people([], { names: { groups: ['Pilots'], states: ['Old'], reservedNames: [] } })
    const after = people([], { names: { groups: ['Pilots', 'pilots'], states: [], reservedNames: ['Staff'] } })
    expect(planImport(before, after)).toMatchObject({
      groups: { added: ['pilots'], removed: [] },
      states: { added: [], removed: ['Old'] },
      reservedNames: { added: ['Staff'], removed: [] },
    })
  })

  it('shows a Discord id that changes hands, also where a second person begins to claim it', () => {
    const before = people([person('a', { discordIds: ['10', '9'] }), person('b')])
    const after = people([person('a', { discordIds: ['10'] }), person('b', { discordIds: ['9', '10', '11'] })])
    expect(planImport(before, after).moved).toEqual([
      { discordId: '9', from: ['a'], to: ['b'] },
      { discordId: '10', from: ['a'], to: ['a', 'b'] },
    ])
  })

  it('counts people, access in the sense of the policy, distinct ids, and accounts of people who are there', () => {
    expect(planImport(NOBODY, ODD).after).toEqual({ people: 8, withAccess: 6, linked: 8, accounts: 4 })
  })

  it('is nothing where only the order of lists differs', () => {
    const turned = {
      names: { ...ODD.names, groups: ODD.names.groups.toReversed() },
      identities: ODD.identities.toReversed().map((one) => ({ ...one, groups: one.groups.toReversed() })),
      accounts: new Map([...(ODD.accounts ?? [])].map(([id, list]) => [id, list.toReversed()])),
    }
    expect(changesNothing(planImport(ODD, turned))).toBe(true)
    expect(digestOfPeople(turned)).toBe(digestOfPeople(ODD))
  })

  it('has another digest for every change that could matter', () => {
    const variants = [
      people([ann]),
      people([{ ...ann, access: false }]),
      people([{ ...ann, groups: ['Pilots', 'Directors'] }]),
      people([{ ...ann, groups: [], discordIds: ['Pilots', '3'] }]),
      people([{ ...ann, state: null }]),
      people([{ ...ann, state: 'null' }]),
      people([ann], { accounts: new Map([['42', [account('1')]]]) }),
      people([ann], { names: { groups: [], states: [], reservedNames: [] } }),
    ]
    expect(new Set(variants.map(digestOfPeople)).size).toBe(variants.length)
  })

  it('drops too many above a tenth of the people, and not at a tenth', () => {
    const before = people(crowd(20))
    expect(dropsTooMany(planImport(before, people(crowd(18))))).toBe(false)
    expect(dropsTooMany(planImport(before, people(crowd(17))))).toBe(true)
    expect(dropsTooMany(planImport(before, people(crowd(20, 3))))).toBe(true)
    expect(dropsTooMany(planImport(NOBODY, before))).toBe(false)
  })
})

describe('whose verdict may turn', () => {
  it('is everybody who came, went or changed, by the ids before and after', () => {
    const before = people([
      person('a', { discordIds: ['1'] }),
      person('b', { discordIds: ['2'] }),
      person('c', { discordIds: ['3'] }),
    ])
    const after = people([
      person('b', { discordIds: ['22'] }),
      person('c', { discordIds: ['3'] }),
      person('d', { discordIds: ['4'] }),
    ])
    expect(new Set(changedIds(before, after))).toEqual(new Set(['1', '2', '22', '4']))
  })

  it('is all where a known name came or went', () => {
    const after = people([], { names: { groups: ['Pilots'], states: ['Member', 'Guest'], reservedNames: [] } })
    expect(changedIds(people([]), after)).toBe('all')
  })
})

describe('the difference as a terminal shows it', () => {
  const WIDE = '漢字'.repeat(60)

  it('reads like this', () => {
    const before = people([
      person('42', { username: 'ann', groups: ['Pilots'], discordIds: ['3'] }),
      person('43', { username: 'bob', discordIds: ['4'] }),
    ])
    const after = people(
      [
        person('42', { username: 'ann', groups: ['Scouts'], state: 'Guest', discordIds: ['3', '4'] }),
        person('44', { username: 'cy', state: null }),
      ],
      { names: { groups: ['Pilots', 'Directors', 'Scouts'], states: ['Member', 'Guest'], reservedNames: [] } },
    )
    expect(importLines(planImport(before, after)).join('\n')).toBe(`                           now     after
People                       2         2
  with access                2         2
Linked Discord ids           2         2
Linked accounts              0         0

Groups: 1 added, 0 removed
  + Scouts

Added: 1 person
  cy (44): no state; no groups; 0 Discord ids

Changed: 1 person
  ann (42)
    state: Member -> Guest
    groups: + Scouts  - Pilots
    Discord ids: + 4

Dropped: 1 person
  bob (43): Member; no groups; 1 Discord id

Changing hands: 1 Discord id
  4: from 43 to 42`)
  })

  it('keeps to ten of each kind, says how many more, and fits 80 columns whatever the names', () => {
    const names = { groups: crowd(40).map(({ id }) => `${id}${WIDE}`), states: [], reservedNames: [] }
    const many = crowd(5_000).map((one) => ({ ...one, username: WIDE, groups: names.groups }))
    const lines = importLines(planImport(NOBODY, { names, identities: many }))
    expect(lines.length).toBeLessThan(40)
    expect(lines).toContain('  and 4,990 more')
    expect(lines).toContain('  and 30 more')
    for (const line of lines)
      expect(Array.from(line).length + (line.match(/[漢字]/gu)?.length ?? 0)).toBeLessThanOrEqual(80)
  })

  it('lets no name steer the terminal or turn the text around', () => {
    const [esc, rtl] = ['\u001b', '\u202e']
    const lines = importLines(
      planImport(NOBODY, people([person('1', { username: `${esc}[2Jann\r\n${rtl}nna\u2028\u0085` })])),
    )
    expect(lines.join('')).not.toMatch(/[\p{Cc}\u202e\u2028]/u)
    expect(lines.join('')).toContain('\\u{1b}[2Jann\\u{d}\\u{a}\\u{202e}n…')
  })

  it('shows blanks at the ends of a name, and that a name is empty', () => {
    expect([shown('Pilots '), shown(' '), shown(''), shown('Wing 🚀')]).toEqual(['"Pilots "', '" "', '""', 'Wing 🚀'])
  })

  it('says that nothing would change', () => {
    expect(importLines(planImport(ODD, ODD))).toEqual(['Nothing would change: 8 people as stored.'])
  })
})
