import { expect, test } from 'vitest'
import { DiscordClock } from '#src/discord/discord-clock.ts'

test('before Discord has answered its clock is taken to be ours', () => {
  expect(new DiscordClock(() => 5_000).now()).toBe(5_000)
})

test('the time at Discord goes on from its last answer, whatever ours says it is', () => {
  let now = 5_000
  const clock = new DiscordClock(() => now)
  clock.hear('Sun, 22 Nov 2026 12:00:00 GMT')
  now += 1_500
  expect(clock.now()).toBe(Date.parse('2026-11-22T12:00:01.500Z'))
})

test('an answer without a date, or with one that is none, changes nothing', () => {
  const clock = new DiscordClock(() => 5_000)
  clock.hear('Sun, 22 Nov 2026 12:00:00 GMT')
  clock.hear(null)
  clock.hear('yesterday')
  expect(clock.now()).toBe(Date.parse('2026-11-22T12:00:00Z'))
})
