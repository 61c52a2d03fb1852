import { expect, it } from 'vitest'
import { Pace } from '#src/bot/summary/pace.ts'
import { HandClock, settled } from '../../roster/hand-clock.ts'

function paced() {
  const clock = new HandClock()
  const pace = new Pace(clock)
  const stopping = new AbortController()
  let turns = 0
  const ask = (times: number) => {
    for (let asked = 0; asked < times; asked++) void pace.turn(stopping.signal).then(() => (turns += 1))
  }
  return { clock, stopping, ask, turns: () => turns }
}

it('lets four messages go at once, and the next ten seconds after the first of them', async () => {
  const { clock, ask, turns } = paced()
  ask(4)
  await clock.pass(9_999)
  expect(turns()).toBe(4)
  ask(1)
  await settled()
  expect(turns()).toBe(4)
  await clock.pass(1)
  expect(turns()).toBe(5)
})

it('lets a message go whenever four were not posted within ten seconds', async () => {
  const { clock, ask, turns } = paced()
  for (let round = 1; round <= 20; round++) {
    ask(1)
    await settled()
    expect(turns()).toBe(round)
    await clock.pass(2_500)
  }
})

it('keeps nobody waiting once the bot stops', async () => {
  const { clock, ask, turns, stopping } = paced()
  ask(4)
  await settled()
  ask(1)
  await settled()
  stopping.abort()
  await settled()
  expect(turns()).toBe(5)
  expect(clock.waiting).toBe(0)
})
