import { expect, it } from 'vitest'
import { claimedTwice, holdersOf, namesakesIn } from '#src/core/checkup.ts'
import type { Id, Member } from '#src/core/model.ts'
import { peopleOf } from '#src/core/people.ts'
import { columnsOf } from './columns.ts'
import { ADMIRALS, CHAT, GUILD, member, OWNER, PILOTS, person, ROLES, SCOUTS } from './small.ts'

const BITS = [undefined, PILOTS, ...Array.from({ length: 40 }, () => undefined), ADMIRALS, CHAT]
const holding = (id: Id, roleIds: readonly Id[], bot = false): Member => member(roleIds, { id, bot })
const columns = (...members: readonly Member[]) => columnsOf(members, BITS)

it('counts holders of governed roles, each for the first reason by which the bot could take nothing', () => {
  const all = columns(
    holding(OWNER, [PILOTS]),
    holding('12', [PILOTS]),
    holding('13', [ADMIRALS]),
    holding('14', [PILOTS, ADMIRALS]),
    holding('15', []),
    holding('16', [PILOTS, CHAT]),
    holding('17', [PILOTS], true),
    holding('18', [PILOTS]),
    holding('19', [CHAT]),
  )
  const settings = { protectedMembers: ['12'], protectedRoles: [CHAT], botAccounts: ['18'] }
  expect(holdersOf(all, GUILD, settings, new Set([PILOTS, ADMIRALS]))).toEqual({
    total: 5,
    owner: 1,
    protectedOnes: 2,
    beyond: 1,
  })
})

it('finds governed roles of one name, and no others', () => {
  const twin = { id: '1020', name: 'Pilots', position: 4, managed: false }
  const guild = { ...GUILD, roles: [...ROLES, twin, { ...twin, id: '1021' }] }
  expect(namesakesIn(guild, new Set([PILOTS, SCOUTS, '1020']))).toEqual([[PILOTS, '1020']])
})

it('finds members whose account two identities claim', () => {
  const people = peopleOf([
    person([], { id: 'a', discordIds: ['11', '11'] }),
    person([], { id: 'b', discordIds: ['12', '99'] }),
    person([], { id: 'c', discordIds: ['12', '99'] }),
  ])
  expect(claimedTwice(columns(holding('11', []), holding('12', []), holding('13', [])), people)).toEqual(['12'])
})
