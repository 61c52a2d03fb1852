import { expect, test } from 'vitest'
import { LiveReviews } from '#src/loop/live.ts'
import { Queue } from '#src/loop/queue.ts'
import { DIRECTORS, GUILD, makeSmallWorld, PILOTS, person, type SmallWorld, STRIPPING } from './small-world.ts'

async function see(world: SmallWorld, reviews: LiveReviews, memberId: string): Promise<void> {
  reviews.see(GUILD, memberId, 'role_change')
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  void world
}

function oneMember(): { world: SmallWorld; reviews: LiveReviews } {
  const world = makeSmallWorld([person('42', '3', ['Pilots'])])
  world.discord.put('3', [PILOTS])
  world.book.settingsNow = STRIPPING
  return { world, reviews: new LiveReviews(world, new Queue()) }
}

test('a hand-given governed role becomes a finding in the trail at once, and nothing is taken', async () => {
  const { world, reviews } = oneMember()
  world.discord.put('3', [PILOTS, DIRECTORS])
  await see(world, reviews, '3')
  expect(world.book.lines).toMatchObject([
    {
      type: 'finding.seen',
      subject: 'member:3',
      actor: 'system:realtime',
      data: { category: 'role_drift', excessRoles: [DIRECTORS], gates: ['unattended_not_armed'] },
    },
  ])
  expect(world.steps.filter((step) => step.includes('_role'))).toEqual([])
})

test('a member whom no identity claims is found as well', async () => {
  const { world, reviews } = oneMember()
  world.discord.put('9', [PILOTS])
  await see(world, reviews, '9')
  expect(world.book.lines).toMatchObject([
    { type: 'finding.seen', data: { category: 'unknown_guest', excessRoles: [PILOTS] } },
  ])
})

test('a member in order leaves no line', async () => {
  const { world, reviews } = oneMember()
  await see(world, reviews, '3')
  expect(world.book.lines).toEqual([])
})

test('the same finding is written once, and its end once', async () => {
  const { world, reviews } = oneMember()
  world.discord.put('3', [PILOTS, DIRECTORS])
  await see(world, reviews, '3')
  await see(world, reviews, '3')
  world.discord.put('3', [PILOTS])
  await see(world, reviews, '3')
  await see(world, reviews, '3')
  expect(world.book.lines.map(({ type }) => type)).toEqual(['finding.seen', 'finding.cleared'])
})

test('a roster that is not live proposes nothing', async () => {
  const { world, reviews } = oneMember()
  world.discord.put('3', [PILOTS, DIRECTORS])
  world.discord.state = 'suspect'
  await see(world, reviews, '3')
  expect(world.book.lines).toEqual([])
})

test('a look that was put off while the roster was in doubt is made when it is live again', async () => {
  const { world, reviews } = oneMember()
  world.discord.put('3', [PILOTS, DIRECTORS])
  world.discord.state = 'suspect'
  await see(world, reviews, '3')
  world.discord.state = 'live'
  reviews.resume(GUILD)
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  expect(world.book.lines).toMatchObject([{ type: 'finding.seen', subject: 'member:3' }])
})

test('a source that cannot be reached is noticed, judges nobody, and the next review works again', async () => {
  const { world, reviews } = oneMember()
  world.discord.put('3', [PILOTS, DIRECTORS])
  world.source.fail('The identity database does not answer.')
  await see(world, reviews, '3')
  expect(world.book.lines).toEqual([])
  expect(world.notices).toEqual(['a live review failed'])
  world.source.fail(null)
  await see(world, reviews, '3')
  expect(world.book.lines).toHaveLength(1)
})
