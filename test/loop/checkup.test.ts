import { expect, test } from 'vitest'
import { checkUp } from '#src/loop/checkup.ts'
import { DIRECTORS, GUILD, makeSmallWorld, NAMES, OWNER, PILOTS, person, STRIPPING, TOP } from './small-world.ts'

// What `/doctor` is told beside how the bot and its source stand: of the server as it is, of the source's names, and of the two clocks.

const WINGS = '1004'

const IDENTITIES = [person('101', '10', ['Pilots']), person('102', '11'), person('103', '11')]
const HOLDERS = [
  [OWNER, [PILOTS]],
  ['10', [PILOTS]],
  ['11', []],
  ['12', [DIRECTORS]],
  ['13', [TOP]],
] as const

function town() {
  const world = makeSmallWorld(IDENTITIES)
  world.book.settingsNow = { ...STRIPPING, protectedMembers: ['12'] }
  world.source.replace({ names: { ...NAMES, groups: [...NAMES.groups, 'Scouts'] }, identities: IDENTITIES })
  for (const [id, roles] of HOLDERS) world.discord.put(id, roles)
  return world
}

test('groups without a role, roles of one name, accounts claimed twice and members out of reach are counted', async () => {
  const world = town()
  const { roles } = world.discord.guild
  Object.assign(world.discord.guild, { roles: [...roles, { id: WINGS, name: 'Pilots', position: 1, managed: false }] })
  const { governed, settings } = await checkUp(world, GUILD)
  expect(settings.protectedMembers).toEqual(['12'])
  expect(governed).toEqual({
    roles: 4,
    unmatched: [
      { kind: 'group', name: 'Scouts' },
      { kind: 'state', name: 'Member' },
    ],
    namesakes: [[PILOTS, WINGS]],
    holders: { total: 4, owner: 1, protectedOnes: 1, beyond: 1 },
    claimedTwice: ['11'],
  })
})

test('a clock that goes wrong is told in the right direction', async () => {
  const world = town()
  world.discord.clockAheadMs = 61_000
  expect((await checkUp(world, GUILD)).skewMs).toBe(-61_000)
})

test('of a source that does not answer nothing is said of roles', async () => {
  const world = town()
  world.source.fail('It is away.')
  expect((await checkUp(world, GUILD)).governed).toBeNull()
})
