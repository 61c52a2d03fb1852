import { describe, expect, test } from 'vitest'
import type { Run } from '#src/core/run.ts'
import { takeUp } from '#src/loop/at-work.ts'
import { settleOpenIntents, tidyRuns } from '#src/loop/settle.ts'
import { DIRECTORS, GUILD, makeSmallWorld, PILOTS, type SmallWorld } from './small-world.ts'
import { addGuests, orderOf, run, threeMembers } from './three-members.ts'

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

test('where Discord takes too long to show them, the rest stay unknown: nothing else is done until then', async () => {
  const world = makeSmallWorld([])
  for (const id of ['3', '4', '5']) world.discord.put(id, [PILOTS])
  world.discord.beforeLook = () => world.clock.pass(60_000)
  world.book.open = ['3', '4', '5'].map((id) => ({ id, act: removal(id, PILOTS) }))
  expect(await settleOpenIntents(world)).toBe(3)
  expect(settled(world)).toEqual([
    `settle 3 ${PILOTS} failed`,
    `settle 4 ${PILOTS} failed`,
    `settle 5 ${PILOTS} unknown`,
  ])
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

describe('what could not be written down while the database was away', () => {
  /** A run whose database goes away with the first act, as far as this method of the book. */
  async function cutOff(fail: 'settle' | 'moveRun'): Promise<{ world: SmallWorld; run: Run }> {
    const world = threeMembers()
    // More than are in hand at once, so that some come to be looked at after it.
    addGuests(world, 8)
    world.discord.afterAct = () => {
      world.book.fail = fail
      world.source.fail('The identity database does not answer.')
    }
    const ended = await run(world)
    world.source.fail(null)
    return { world, run: ended }
  }

  test('of an act is written when it is back, as it was seen', async () => {
    const { world, run } = await cutOff('settle')
    expect(world.book.runs.get(run.id)).toMatchObject({ state: 'interrupted', outcomes: { unknown: 4 } })
    await tidyRuns(world)
    expect(world.book.acts.map(({ outcome }) => outcome)).toEqual([null, null, null, null])
    world.book.fail = null
    await tidyRuns(world)
    expect(world.book.acts.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done'])
    const tries = settled(world).length
    await tidyRuns(world)
    expect(settled(world)).toHaveLength(tries)
  })

  test('of the end of a run is written when it is back, with what was done', async () => {
    const { world, run } = await cutOff('moveRun')
    expect(world.book.runs.get(run.id)?.state).toBe('running')
    world.book.fail = null
    await tidyRuns(world)
    expect(world.book.runs.get(run.id)).toMatchObject({ state: 'interrupted', outcomes: { done: 4 } })
  })

  test('of the end of a run is not written where somebody is at work on it anew', async () => {
    const { world, run } = await cutOff('moveRun')
    world.book.fail = null
    takeUp(world, { id: run.id, guildId: GUILD, deadlineAt: null }, { asked: false }, () => false)
    await tidyRuns(world)
    expect(world.book.runs.get(run.id)?.state).toBe('running')
  })

  test('is written by nobody once another bot acts', async () => {
    const { world } = await cutOff('settle')
    world.book.fail = null
    world.mayAct = () => false
    await tidyRuns(world)
    expect(world.book.acts.map(({ outcome }) => outcome)).toEqual([null, null, null, null])
  })

  test('is written no further from the moment at which another bot acts', async () => {
    const { world } = await cutOff('settle')
    world.book.fail = null
    const settle = world.book.settle.bind(world.book)
    world.book.settle = async (...written) => {
      await settle(...written)
      world.mayAct = () => false
    }
    await tidyRuns(world)
    expect(world.book.acts.map(({ outcome }) => outcome)).toEqual(['done', null, null, null])
  })

  test('is left to the next start after an hour, and the operator reads of that', async () => {
    const { world } = await cutOff('settle')
    for (let minute = 0; minute < 60; minute += 1) await tidyRuns(world)
    const notices = () => world.notices.filter((notice) => notice.includes('left to the next start'))
    expect(notices()).toHaveLength(4)
    const tries = settled(world).length
    await tidyRuns(world)
    expect([settled(world).length, notices().length]).toEqual([tries, 4])
  })
})
