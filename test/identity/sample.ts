import type { Identity, LinkedAccount } from '#src/core/model.ts'
import type { People } from '#src/identity/people.ts'

export function person(id: string, changes: Partial<Identity> = {}): Identity {
  return {
    id,
    username: `person ${id}`,
    active: true,
    superuser: false,
    access: true,
    state: 'Member',
    groups: [],
    discordIds: [],
    ...changes,
  }
}

export function account(id: string, changes: Partial<LinkedAccount> = {}): LinkedAccount {
  return { id, name: `account ${id}`, organisation: 'Corp', parentOrganisation: null, main: false, ...changes }
}

export function people(identities: readonly Identity[], changes: Partial<People> = {}): People {
  const names = { groups: ['Pilots', 'Directors'], states: ['Member', 'Guest'], reservedNames: [] }
  return { names, identities, ...changes }
}

/** So many plain people, each with a group, a state and one Discord id. */
export function crowd(size: number, from = 0): Identity[] {
  return Array.from({ length: size }, (_, at) => {
    const number = from + at
    const groups = number % 3 === 0 ? ['Pilots', 'Directors'] : ['Pilots']
    return person(`p${number}`, {
      groups,
      discordIds: [String(5_000_000_000_000_000_000n + BigInt(number))],
      state: number % 2 ? 'Guest' : 'Member',
    })
  })
}

/** As odd as people can be whom every source can hold: numbered, with one Discord account each at most. */
export const COMMON: People = {
  names: {
    groups: ['Pilots', 'pilots', 'PILOTS ', '__proto__', 'Wing 🚀', 'Ä', 'A\u0308', 'empty', `${'g'.repeat(149)}🚀`],
    states: ['Member', 'member', 'Guest', '__proto__', 'deserted 🚀'],
    reservedNames: ['Staff', 'Bots 🤖'],
  },
  identities: [
    person('42', {
      username: 'ann',
      groups: ['Pilots', 'PILOTS ', '__proto__', `${'g'.repeat(149)}🚀`],
      discordIds: ['9223372036854775807'],
    }),
    person('43', { username: 'Ann', groups: ['pilots', 'Wing 🚀'], discordIds: ['9007199254740993'], state: 'member' }),
    person('44', { username: 'ann ', discordIds: ['9007199254740993'], state: null }),
    person('45', { username: '🚀'.repeat(150), discordIds: ['9007199254740992'], access: false }),
    person('7', { username: 'sleeping king', active: false, superuser: true, discordIds: ['77'] }),
    person('8', { username: 'king', superuser: true, access: false, state: '__proto__', discordIds: ['78'] }),
    person('9', { username: 'no way in', access: false, groups: ['Ä', 'Pilots'], discordIds: ['79'], state: 'Guest' }),
    person('10', { username: 'not linked', groups: ['A\u0308'] }),
    person('11', { username: 'asleep', active: false, groups: ['Pilots'], discordIds: ['81'] }),
  ],
  accounts: new Map([
    [
      '42',
      [account('2', { name: 'Zed alt' }), account('10', { name: 'main', main: true }), account('3', { name: 'alt' })],
    ],
    ['10', [account('90000001', { organisation: null, parentOrganisation: 'Alliance 🚀' })]],
  ]),
}

/** What sources really hold and careless ones get wrong, all at once. */
export const ODD: People = {
  names: {
    groups: [
      'Pilots',
      'pilots',
      'PILOTS ',
      'PILOTS',
      '__proto__',
      'constructor',
      'Wing 🚀',
      'Ä',
      'A\u0308',
      'empty',
      '𐀀',
      '\uffee',
    ],
    states: ['Member', 'member', 'Guest', '__proto__', 'deserted'],
    reservedNames: ['Staff', 'staff', 'Bots 🤖'],
  },
  identities: [
    person('42', {
      username: 'ann',
      groups: ['Pilots', 'PILOTS ', '__proto__'],
      discordIds: ['9223372036854775807', '18446744073709551615'],
    }),
    person('43', { username: 'Ann', groups: ['pilots', 'Wing 🚀'], discordIds: ['9007199254740993'], state: 'member' }),
    person('44', { username: 'twin claim', discordIds: ['9007199254740993', '9007199254740992'], state: null }),
    person('7', { username: 'sleeping king', active: false, superuser: true, access: true, discordIds: ['77'] }),
    person('8', { username: 'king', superuser: true, access: false, state: '__proto__', discordIds: ['78'] }),
    person('9', {
      username: 'no way in',
      access: false,
      groups: ['Ä', '𐀀', '\uffee'],
      discordIds: ['79'],
      state: 'Guest',
    }),
    person('__proto__', { username: ' ', groups: ['constructor'], discordIds: ['80'] }),
    person('unlinked', { username: 'ünlinked\n\u0007', groups: ['A\u0308', 'PILOTS'] }),
  ],
  accounts: new Map([
    [
      '42',
      [account('2', { name: 'Zed alt' }), account('10', { name: 'main', main: true }), account('3', { name: 'alt' })],
    ],
    ['__proto__', [account('9000000000000000001', { organisation: null, parentOrganisation: 'Alliance' })]],
  ]),
}
