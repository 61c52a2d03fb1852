import { expect, test } from 'vitest'
import { takeUp } from '#src/loop/at-work.ts'
import { settleOpenIntents, tidyRuns } from '#src/loop/settle.ts'
import { DIRECTORS, GUILD, makeSmallWorld, PILOTS, type SmallWorld } from './small-world.ts'
import { orderOf } from './three-members.ts'

const removal = (memberId: string, roleId: string) =>
  ({ kind: 'remove_role', guildId: GUILD, memberId, roleId }) as const

const settled = (world: SmallWorld) => world.steps.filter((step) => step.startsWith('settle'))

test('acts that a killed process left open are settled by what Discord shows', async () => {
  const world = makeSmallWorld([])
  world.discord.put('3', [PILOTS])
  world.discord.put('4', [])
  world.book.open = [
    { id: 'a', act: removal('3', PILOTS) },
    { id: 'b', act: removal('4', DIRECTORS) },
    { id: 'c', act: removal('9', DIRECTORS) },
  ]
  expect(await settleOpenIntents(world)).toBe(3)
  expect(settled(world)).toEqual([
    `settle 3 ${PILOTS} failed`,
    `settle 4 ${DIRECTORS} done`,
    `settle 9 ${DIRECTORS} gone`,
  ])
})

test('an open kick is done where the member is gone, and failed where they are still there', async () => {
  const world = makeSmallWorld([])
  world.discord.put('3', [])
  world.book.open = [
    { id: 'a', act: { kind: 'kick', guildId: GUILD, memberId: '3' } },
    { id: 'b', act: { kind: 'kick', guildId: GUILD, memberId: '9' } },
  ]
  await settleOpenIntents(world)
  expect(settled(world)).toEqual(['settle 3 kick failed', 'settle 9 kick done'])
})

test('an open write of several roles is done only where all of them are gone', async () => {
  const world = makeSmallWorld([])
  world.discord.put('3', [DIRECTORS])
  world.discord.put('4', [])
  const roleIds = [PILOTS, DIRECTORS]
  world.book.open = ['3', '4'].map((memberId) => ({
    id: memberId,
    act: { kind: 'remove_roles', guildId: GUILD, memberId, roleIds },
  }))
  await settleOpenIntents(world)
  expect(settled(world)).toEqual([`settle 3 ${roleIds.join('+')} failed`, `settle 4 ${roleIds.join('+')} done`])
})

test('an open gift is done where the role is held', async () => {
  const world = makeSmallWorld([])
  world.discord.put('3', [PILOTS])
  world.book.open = [{ id: 'a', act: { kind: 'add_role', guildId: GUILD, memberId: '3', roleId: PILOTS } }]
  await settleOpenIntents(world)
  expect(settled(world)).toEqual([`settle 3 ${PILOTS} done`])
})

test('where Discord does not say, the act stays unknown', async () => {
  const world = makeSmallWorld([])
  world.discord.beforeLook = () => {
    throw new Error('HTTP 503')
  }
  world.book.open = [{ id: 'a', act: removal('3', PILOTS) }]
  await settleOpenIntents(world)
  expect(settled(world)).toEqual([`settle 3 ${PILOTS} unknown`])
})

test('a bot that stands by settles nothing and tidies nothing', async () => {
  const world = makeSmallWorld([])
  world.mayAct = () => false
  world.book.open = [{ id: 'a', act: removal('3', PILOTS) }]
  expect(await settleOpenIntents(world)).toBe(0)
  await open(world, 'old', 0)
  expect(await tidyRuns(world)).toEqual([])
})

async function open(world: SmallWorld, id: string, deadlineAt: number | null): Promise<void> {
  const { lane: _lane, ...order } = orderOf({ idempotencyKey: id })
  const purpose = deadlineAt === null ? 'live' : 'group'
  await world.book.openRun({ ...order, purpose, id, deadlineAt, at: world.now() })
}

test('a run whose deadline passed long ago and that nobody is at work on is interrupted', async () => {
  const world = makeSmallWorld([])
  await open(world, 'left', world.now() + 60_000)
  await open(world, 'at work', world.now() + 60_000)
  takeUp(world, { id: 'at work', guildId: GUILD, deadlineAt: null }, { asked: false }, () => false)
  world.clock.pass(60_000 + 300_000)
  expect(await tidyRuns(world)).toEqual([])
  world.clock.pass(1)
  expect((await tidyRuns(world)).map(({ id, state }) => [id, state])).toEqual([['left', 'interrupted']])
})

test('the live acts of an hour are one run, which then ends', async () => {
  const world = makeSmallWorld([])
  await open(world, 'live', null)
  world.clock.pass(3_600_000)
  expect(await tidyRuns(world)).toEqual([])
  world.clock.pass(1)
  expect((await tidyRuns(world)).map(({ id, state }) => [id, state])).toEqual([['live', 'completed']])
})
