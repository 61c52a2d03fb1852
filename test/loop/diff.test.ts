import { expect, test } from 'vitest'
import { diff } from '#src/loop/diff.ts'
import { DIRECTORS, GUILD, NAMES, PILOTS, person, STRIPPING } from './small-world.ts'
import { addGuests, changes, run, threeMembers } from './three-members.ts'

test('what appeared, what vanished, what changed and what is the same are told apart', async () => {
  const world = threeMembers()
  world.discord.put('6', [PILOTS])
  const { id } = await run(world, { action: 'report' })
  const accepted = world.book.accepted
  world.discord.put('4', [])
  world.discord.put('5', [PILOTS, DIRECTORS])
  world.discord.put('7', [PILOTS])
  const told = await diff(world, GUILD, id)
  expect(told.appeared.map(({ memberId }) => memberId)).toEqual(['7'])
  expect(told.vanished.map(({ memberId }) => memberId)).toEqual(['4'])
  expect(told.changed.map(({ then, now }) => [then.excessRoles, now.excessRoles])).toEqual([
    [[PILOTS], [PILOTS, DIRECTORS]],
  ])
  expect(told.totals).toEqual({ appeared: 1, vanished: 1, changed: 1, same: 1 })
  expect(told.counts.then).toMatchObject({ members: 6, role_drift: 1 })
  expect(told.counts.now).toMatchObject({ members: 7, role_drift: 0 })
  expect(world.book.accepted).toBe(accepted)
  expect(world.book.plans).toHaveLength(1)
})

test('what the run took has vanished, and its outcome is told', async () => {
  const world = threeMembers()
  const { id } = await run(world)
  const told = await diff(world, GUILD, id)
  expect(told.vanished.map(({ memberId, outcome }) => [memberId, outcome])).toEqual([
    ['4', 'done'],
    ['5', 'done'],
  ])
  expect(changes(world)).toHaveLength(2)
})

test('a run of one role is compared by that role alone', async () => {
  const world = threeMembers()
  const { id } = await run(world, { action: 'report', only: { memberId: null, roleId: DIRECTORS } })
  world.discord.put('6', [PILOTS])
  expect((await diff(world, GUILD, id)).totals).toEqual({ appeared: 0, vanished: 0, changed: 0, same: 1 })
})

test('of very many a hundred are named, and all are counted', async () => {
  const world = threeMembers()
  const { id } = await run(world, { action: 'report' })
  addGuests(world, 150)
  const told = await diff(world, GUILD, id)
  expect(told.appeared).toHaveLength(100)
  expect(told.totals.appeared).toBe(150)
})

test('a gate that closed since changes a finding', async () => {
  const world = threeMembers()
  const { id } = await run(world, { action: 'strip', mayDestroy: true, only: { memberId: '4', roleId: null } })
  world.discord.put('4', [DIRECTORS])
  world.book.settingsNow = { ...STRIPPING, protectedMembers: ['4'] }
  expect((await diff(world, GUILD, id)).changed.map(({ now }) => now.gates)).toEqual([['protected_member']])
})

test('a run that never had findings is compared with nothing', async () => {
  const world = threeMembers()
  world.source.fail('It does not answer.')
  const { id } = await run(world, { action: 'report' })
  world.source.replace({ names: NAMES, identities: [person('42', '3', ['Pilots'])] })
  await expect(diff(world, GUILD, id)).rejects.toThrow(/no findings to compare with/)
  await expect(diff(world, GUILD, 'nobody')).rejects.toThrow(/has no run nobody/)
})
