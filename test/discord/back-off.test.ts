import { describe, expect, it } from 'vitest'
import { backOff } from '#src/discord/back-off.ts'
import { Recent } from '#src/discord/recent.ts'

describe('pauses between tries', () => {
  it('double up to the longest, and are spread over their upper half', () => {
    expect([0, 1, 2, 9, 900].map((tried) => backOff(tried, 100, 1_000, () => 1))).toEqual([100, 200, 400, 1_000, 1_000])
    expect(backOff(2, 100, 1_000, () => 0)).toBe(200)
  })
})

describe('what was seen lately', () => {
  it('is known again, and the oldest is forgotten for the newest', () => {
    const recent = new Recent(2)
    expect(['a', 'b', 'a', 'c', 'a'].map((id) => recent.add(id))).toEqual([true, true, false, true, true])
  })
})
