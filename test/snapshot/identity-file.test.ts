import { describe, expect, it } from 'vitest'
import { readIdentityFile } from '#src/snapshot/identity-file.ts'
import { EXAMPLE } from './example.ts'

const ANN = {
  id: '42',
  username: 'ann',
  active: true,
  superuser: false,
  access: true,
  state: 'Member',
  groups: ['Pilots', 'Pilots'],
  discordIds: ['3', '3'],
}
const MAIN = { id: '9001', name: 'Ann Ara', organisation: 'Corp', parentOrganisation: null, main: true }

// biome-ignore lint/suspicious/noExplicitAny: what is written is wrong on purpose.
type Anything = any

function file(changes: Anything = {}): string {
  return JSON.stringify({
    format: 'rolecall-identity/1',
    groups: ['Pilots'],
    states: ['Member'],
    reservedNames: ['Staff', 'Staff'],
    identities: [{ ...ANN, accounts: [MAIN] }],
    ...changes,
  })
}

describe('an identity file', () => {
  it('gives the people and the accounts that they have linked; what comes twice counts once', () => {
    expect(readIdentityFile(file())).toEqual({
      names: { groups: ['Pilots'], states: ['Member'], reservedNames: ['Staff'] },
      identities: [{ ...ANN, groups: ['Pilots'], discordIds: ['3'] }],
      accounts: new Map([['42', [MAIN]]]),
    })
  })

  it('may leave the accounts out', () => {
    expect(readIdentityFile(file({ identities: [ANN] })).accounts).toEqual(new Map([['42', []]]))
  })

  it('may be a snapshot file, of which only the people are taken', () => {
    const read = readIdentityFile(JSON.stringify(EXAMPLE))
    expect(read.names.groups).toEqual(['Pilots', 'Directors'])
    expect(read.identities).toEqual(EXAMPLE.identity.identities)
    expect(read.accounts.size).toBe(0)
  })

  const long = '😀'.repeat(151)
  it.each<[string, Anything, string]>([
    ['another format', { format: 'csv' }, 'format: must be "rolecall-identity/1" or "rolecall-snapshot/1", not "csv".'],
    ['an unknown key', { people: [] }, 'people: this key is not known here.'],
    [
      'an identity that comes twice',
      { identities: [ANN, ANN] },
      'identities[1].id: this identity is already at identities[0].',
    ],
    ['a group that the list lacks', { groups: [] }, 'identities[0].groups[0]: the list of groups lacks "Pilots".'],
    ['a name that is too long', { groups: ['Pilots', long] }, 'groups[1]: is longer than 150 characters.'],
    [
      'a username that is too long',
      { identities: [{ ...ANN, username: long }] },
      'identities[0].username: is longer than 150 characters.',
    ],
    [
      'a name that no database stores',
      { states: ['Member', 'a\0'] },
      'states[1]: holds a NUL or half a character, which no database stores.',
    ],
    [
      'half a character',
      { states: ['Member', '\ud83d'] },
      'states[1]: holds a NUL or half a character, which no database stores.',
    ],
    [
      'an account that comes twice',
      { identities: [{ ...ANN, accounts: [MAIN, { ...MAIN, main: false }] }] },
      'identities[0].accounts[1].id: this account is already at identities[0].accounts[0].',
    ],
    [
      'two main accounts',
      { identities: [{ ...ANN, accounts: [MAIN, { ...MAIN, id: '7' }] }] },
      'identities[0].accounts[1].main: only one account can be the main one.',
    ],
    [
      'an account without a name',
      { identities: [{ ...ANN, accounts: [{ ...MAIN, name: 7 }] }] },
      'identities[0].accounts[0].name: must be a string.',
    ],
  ])('is refused for %s', (_, changes, sentence) => {
    expect(() => readIdentityFile(file(changes))).toThrow(expect.objectContaining({ message: sentence }))
  })

  it('allows 150 characters, however many bytes they take', () => {
    const name = '😀'.repeat(150)
    expect(readIdentityFile(file({ groups: ['Pilots', name] })).names.groups).toEqual(['Pilots', name])
  })

  it('is refused before it is parsed where it is too large', () => {
    expect(() => readIdentityFile(' '.repeat(64 * 1024 * 1024 + 1))).toThrow(
      'The file has 65 MiB; at most 64 MiB are read.',
    )
  })
})
