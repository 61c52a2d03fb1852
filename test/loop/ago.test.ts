import { expect, test } from 'vitest'
import { momentAgo } from '#src/loop/ago.ts'
import { makeSmallWorld } from './small-world.ts'

const HOUR = 3_600_000

/** What an hour ago is, in ms since this began. */
function hours() {
  const world = makeSmallWorld([])
  const began = world.clock.now
  return { clock: world.clock, hourAgo: () => momentAgo(world, HOUR) - began }
}

test('an hour ago is by the clock where nobody sets it', () => {
  const { clock, hourAgo } = hours()
  expect(hourAgo()).toBe(-HOUR)
  clock.pass(2 * HOUR)
  expect(hourAgo()).toBe(HOUR)
})

test('what was done under a clock that was set forward since counts for a whole hour', () => {
  const { clock, hourAgo } = hours()
  hourAgo()
  clock.jump(9 * HOUR)
  expect(hourAgo()).toBe(-HOUR)
  clock.pass(HOUR)
  expect(hourAgo()).toBe(0)
  clock.pass(1)
  expect(hourAgo()).toBe(9 * HOUR + 1)
})

test('a clock that was set back counts from an hour before where it stands', () => {
  const { clock, hourAgo } = hours()
  hourAgo()
  clock.jump(-9 * HOUR)
  expect(hourAgo()).toBe(-10 * HOUR)
})

test('a setting of the clock that nobody saw come counts from when the one before was last known to hold', () => {
  const { clock, hourAgo } = hours()
  hourAgo()
  clock.pass(HOUR)
  clock.jump(5 * HOUR)
  clock.pass(HOUR / 2)
  expect(hourAgo()).toBe(HOUR / 2)
})

test('a clock that is set again and again is followed within bounds, and forgets too little rather than too much', () => {
  const { clock, hourAgo } = hours()
  for (let time = 0; time < 1_000; time += 1) {
    hourAgo()
    clock.jump(2_000)
    clock.pass(1)
  }
  expect(hourAgo()).toBe(1_000 - HOUR)
})
