import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { warnIfHarmless } from '#src/loop/harmless.ts'
import { GUILD, makeSmallWorld, STRIPPING } from './small-world.ts'

test('a policy that takes something while nothing is armed is told of, once a start', async () => {
  const world = makeSmallWorld([])
  world.book.settingsNow = STRIPPING
  await warnIfHarmless(world, GUILD)
  await warnIfHarmless(world, GUILD)
  expect(world.told).toEqual([{ kind: 'nothing_armed' }])
})

test.each([
  ['takes nothing', DEFAULT_SETTINGS],
  ['is armed for the schedule', { ...STRIPPING, armed: { schedule: true, realtime: false } }],
  ['is armed in real time', { ...STRIPPING, armed: { schedule: false, realtime: true } }],
] as const)('a policy that %s is not told of', async (_name, settings) => {
  const world = makeSmallWorld([])
  world.book.settingsNow = settings
  await warnIfHarmless(world, GUILD)
  expect(world.told).toEqual([])
})
