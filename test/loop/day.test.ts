import { expect, test } from 'vitest'
import type { Settings } from '#src/core/model.ts'
import { STRIPPING } from './small-world.ts'
import { addGuests, changes, run, SCHEDULED, threeMembers } from './three-members.ts'

// What nobody asked for has a limit of a day, however many roads it takes.

const DAY = 24 * 3_600_000

/** Four people, two of whom drift; the clock and live looks act. */
function town(blast: Partial<Settings['blast']>) {
  const world = threeMembers()
  const armed = { schedule: true, realtime: true }
  world.book.settingsNow = { ...STRIPPING, armed, blast: { run: 1, day: 1, kicks: 1, ...blast } }
  return world
}

test('a clock that is set forward a day makes no room for another run by schedule', async () => {
  const world = town({ day: 0.5 })
  await run(world, SCHEDULED)
  addGuests(world, 1)
  world.clock.jump(2 * DAY)
  const second = await run(world, { ...SCHEDULED, idempotencyKey: 'schedule:2' })
  expect(second).toMatchObject({ state: 'awaiting_approval', blast: { affected: 1, dayLimit: 2, over: true } })
  world.clock.pass(DAY + 1)
  expect((await run(world, { ...SCHEDULED, idempotencyKey: 'schedule:3' })).outcomes).toEqual({ done: 1 })
  expect(changes(world)).toHaveLength(3)
})
