import { describe, expect, it } from 'vitest'
import type { DirectoryNames } from '#src/core/directory.ts'
import { governedRoles } from '#src/core/governed.ts'
import type { Role, Settings } from '#src/core/model.ts'
import { EVERYONE, GUILD, NAMES, PILOTS, SETTINGS } from './small.ts'

function role(id: string, name: string, managed = false): Role {
  return { id, name, position: 1, managed }
}

function governed(roles: readonly Role[], names: Partial<DirectoryNames>, settings: Partial<Settings> = {}) {
  const noNames = { groups: [], states: [], reservedNames: [] }
  return governedRoles({ ...GUILD, roles }, { ...noNames, ...names }, { ...SETTINGS, ...settings })
}

describe('which roles are governed', () => {
  it('takes every role of the same name', () => {
    const { roleIds } = governed([role('1', 'Pilots'), role('2', 'Pilots'), role('3', 'pilots')], {
      groups: ['Pilots'],
    })
    expect([...roleIds]).toEqual(['1', '2'])
  })

  it('compares with case and byte for byte, without normalising', () => {
    const { roleIds, unmatched } = governed([role('1', 'é'), role('2', 'PILOTS')], { groups: ['e\u0301', 'Pilots'] })
    expect([...roleIds]).toEqual([])
    expect(unmatched.map(({ name }) => name)).toEqual(['e\u0301', 'Pilots'])
  })

  it('cuts a long name to its first 100 code points, not half a character', () => {
    const { roleIds } = governed([role('1', '😀'.repeat(100)), role('2', '😀'.repeat(50))], {
      states: ['😀'.repeat(101)],
    })
    expect([...roleIds]).toEqual(['1'])
  })

  it('uses an explicit entry alone, even an empty one, and passes over roles that the guild lacks', () => {
    const roles = [role('1', 'Pilots'), role('2', 'Other')]
    const explicit = (ids: readonly string[]) => ({
      roleMap: { groups: new Map([['Pilots', ids]]), states: new Map() },
    })
    const mapped = (ids: readonly string[]) => [...governed(roles, { groups: ['Pilots'] }, explicit(ids)).roleIds]
    expect(mapped(['2'])).toEqual(['2'])
    expect(mapped([])).toEqual([])
    expect(mapped(['9'])).toEqual([])
    expect(mapped(['9', '1'])).toEqual(['1'])
  })

  it('keeps the entries of groups and of states apart', () => {
    const roleMap = { groups: new Map([['Member', ['1']]]), states: new Map([['Member', ['2']]]) }
    const { byGroup, byState } = governed(
      [role('1', 'a'), role('2', 'b')],
      { groups: ['Member'], states: ['Member'] },
      { roleMap },
    )
    expect([byGroup.get('Member'), byState.get('Member')]).toEqual([['1'], ['2']])
  })

  it('pays no heed to an entry for a group that the source lacks', () => {
    const roleMap = { groups: new Map([['Gone', ['1']]]), states: new Map() }
    expect([...governed([role('1', 'a')], {}, { roleMap }).roleIds]).toEqual([])
  })

  it.each<[string, Role, Partial<DirectoryNames>, Partial<Settings>]>([
    ['@everyone', role(EVERYONE, 'X'), {}, {}],
    ['what Discord manages', role('1', 'X', true), {}, {}],
    ['an exception by id', role('1', 'X'), {}, { roleExceptions: ['1'] }],
    ['an exception by name', role('1', 'X'), {}, { roleExceptions: ['X'] }],
    ['a reserved name, in whatever case', role('1', 'X'), { reservedNames: ['x'] }, {}],
    [
      'a long reserved name, cut',
      role('1', 'X'.repeat(100)),
      { reservedNames: ['x'.repeat(101)], groups: ['X'.repeat(100)] },
      {},
    ],
  ])('never governs %s, mapped by name or by id', (_, spared, names, settings) => {
    const groups = ['X', ...(names.groups ?? [])]
    expect([...governed([spared], { ...names, groups }, settings).roleIds]).toEqual([])
    const roleMap = { groups: new Map([['X', [spared.id]]]), states: new Map() }
    expect([...governed([spared], { ...names, groups: ['X'] }, { ...settings, roleMap }).roleIds]).toEqual([])
  })

  it('compares exceptions by name with case', () => {
    expect([...governed([role('1', 'X')], { groups: ['X'] }, { roleExceptions: ['x'] }).roleIds]).toEqual(['1'])
  })

  it('calls a name unmatched only where no role bears it, not where the role is spared', () => {
    const { unmatched } = governed([role('1', 'X', true)], { groups: ['X', 'Y'], states: ['Z'] })
    expect(unmatched).toEqual([
      { kind: 'group', name: 'Y' },
      { kind: 'state', name: 'Z' },
    ])
  })

  it('is not fooled by names that JavaScript knows', () => {
    const names = ['__proto__', 'constructor', 'toString']
    expect([...governed([role('1', 'x')], { groups: names, states: names }).roleIds]).toEqual([])
    expect([...governed([role('1', '__proto__')], { groups: names }).roleIds]).toEqual(['1'])
  })

  it('governs by the names in the example', () => {
    expect(governedRoles(GUILD, NAMES, SETTINGS).byGroup.get('Pilots')).toEqual([PILOTS])
  })
})
