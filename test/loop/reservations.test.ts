import { expect, test } from 'vitest'
import { askStanding, release, reserve } from '#src/loop/reservations.ts'
import { GUILD, makeSmallWorld, STRIPPING } from './small-world.ts'

// Who is let through to a live act, where several ask at once.

/** A hundred people and the owner; so many of them may lose something in an hour. */
function door(limit: number) {
  const world = makeSmallWorld([])
  for (let id = 100; id < 200; id += 1) world.discord.put(String(id), [])
  const settings = { ...STRIPPING, blast: { ...STRIPPING.blast, run: limit / 100 } }
  return {
    world,
    ask: (memberId: string) => askStanding(world, GUILD, memberId, 0),
    pass: async (memberId: string, asked: Awaited<ReturnType<typeof askStanding>>) =>
      !(await reserve(world, GUILD, memberId, settings, asked)).over,
    leave: (memberId: string) => release(world, GUILD, memberId),
  }
}

test('who was in hand when it was asked, and did nothing, takes no place from anybody', async () => {
  const { ask, pass, leave } = door(1)
  expect(await pass('100', await ask('100'))).toBe(true)
  const asked = await ask('101')
  leave('100')
  expect(await pass('101', asked)).toBe(true)
})

test('who is in hand still takes their place', async () => {
  const { ask, pass, leave } = door(1)
  expect(await pass('100', await ask('100'))).toBe(true)
  expect(await pass('101', await ask('101'))).toBe(false)
  leave('101')
  leave('100')
  expect(await pass('102', await ask('102'))).toBe(true)
})

test('nobody overtakes those who are let through one after the other', async () => {
  const { world, ask, pass } = door(2)
  const early = await ask('101')
  expect(await pass('100', await ask('100'))).toBe(true)
  const answer = Promise.withResolvers<void>()
  const { liveAffectedSince } = world.book
  world.book.liveAffectedSince = async (...question) => {
    const affected = await liveAffectedSince.apply(world.book, question)
    if (question[2].includes('101')) await answer.promise
    return affected
  }
  const first = pass('101', early)
  const later = await ask('102')
  const second = pass('102', later)
  answer.resolve()
  expect(await Promise.all([first, second])).toEqual([true, false])
})

test('a book that does not answer lets nobody through, and nobody stays in hand by it', async () => {
  const { world, ask, pass, leave } = door(1)
  world.book.fail = 'liveStanding'
  await expect(ask('100')).rejects.toThrow()
  leave('100')
  world.book.fail = null
  expect(await pass('101', await ask('101'))).toBe(true)
})
