import { expect, test } from 'vitest'
import { sweep } from '#src/bot/sweeping.ts'

test('what has had its time is cleared away until nothing is left, by the earlier of our clock and Discord’s', async () => {
  const times: number[] = []
  const rows = [5_000, 12, 0]
  const book = {
    sweep: async (now: number) => {
      times.push(now)
      return rows.shift() ?? 0
    },
  }
  await sweep(book, { now: () => 9_000_000, discordNow: () => 1_000 })
  expect(times).toEqual([1_000, 1_000, 1_000])
})
