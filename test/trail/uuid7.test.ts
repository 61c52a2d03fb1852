import { expect, it } from 'vitest'
import { Uuid7 } from '#src/trail/uuid7.ts'

const FULL = (bytes: number) => new Uint8Array(bytes).fill(0xff)
const NONE = (bytes: number) => new Uint8Array(bytes)

it('makes the id that RFC 9562 shows for this moment and this randomness', () => {
  const random = Uint8Array.from([0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f, 0x0c, 0xc3])
  const id = new Uuid7(
    () => 0x017f22e279b0,
    () => random,
  ).next()
  // The RFC's own example has rand_a 0xcc3; here the counter begins in its lower half.
  expect(id).toBe('017f22e2-79b0-74c3-98c4-dc0c0c07398f')
})

it('only ever grows, though the clock stands still, steps back and the counter runs over', () => {
  const clock = [5_000, 5_000, 4_000, 5_001]
  const ids = new Uuid7(() => clock.shift() ?? 5_001, FULL)
  const made = Array.from({ length: 10_000 }, () => ids.next())
  expect(made).toEqual(made.toSorted())
  expect(new Set(made).size).toBe(made.length)
})

it('bears version 7 and the variant of the RFC, whatever the randomness', () => {
  for (const random of [FULL, NONE])
    expect(new Uuid7(() => 1, random).next()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
})
