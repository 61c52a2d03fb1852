import { describe, expect, it } from 'vitest'
import { Bucket } from '#src/discord/bucket.ts'
import { Errand } from '#src/discord/errand.ts'
import { Lines } from '#src/discord/lines.ts'

/** Headers as Discord gives them; `seconds` until the window ends. */
const told = (limit: unknown, remaining: unknown, seconds: unknown, name = 'a') =>
  new Headers({
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset-After': String(seconds),
    'X-RateLimit-Bucket': name,
  })

/** A bucket of 10 in 10 s whose first request was sent and answered at time 0. */
function begun(remaining = 9): Bucket {
  const bucket = new Bucket('remove_role')
  bucket.take(0)
  bucket.hear(0, told(10, remaining, 10))
  bucket.land(true)
  return bucket
}

const urgent = true
const common = false

describe('a limit of Discord', () => {
  it('of which nothing is known lets one request through, and tells nothing until its answer is there', () => {
    const bucket = new Bucket('remove_role')
    expect([bucket.dueIn(0, urgent, 0), bucket.dueIn(0, urgent, 1)]).toEqual([0, null])
    bucket.take(0)
    expect(bucket.dueIn(0, urgent, 0)).toBeNull()
    bucket.land(false)
    expect(bucket.dueIn(0, urgent, 0)).toBe(0)
  })

  it('lets through what is left, and more only when the window has ended', () => {
    const bucket = begun(2)
    expect([0, 1, 2].map((before) => bucket.dueIn(1_000, urgent, before))).toEqual([0, 0, 9_001])
    expect(bucket.dueIn(10_001, urgent, 9)).toBe(0)
    expect(bucket.dueIn(10_001, urgent, 10)).toBeNull()
  })

  it('is spread for what is not urgent, so that an urgent request waits no longer than one share of the window', () => {
    const bucket = begun()
    const sent: number[] = [0]
    let longest = 0
    let left = 9
    for (let now = 0; now < 30_000; now += 50) {
      longest = Math.max(longest, bucket.dueIn(now, urgent, 0) ?? Number.POSITIVE_INFINITY)
      if (bucket.dueIn(now, common, 0) !== 0) continue
      left = bucket.dueIn(now, common, 9) === null || left === 0 ? 9 : left - 1
      const windowEnd = left === 9 ? now + 10_000 : Math.floor(sent.length / 10) * 10_050 + 10_000
      bucket.take(now)
      bucket.hear(now, told(10, left, (windowEnd - now) / 1_000))
      bucket.land(true)
      sent.push(now)
    }
    expect(longest).toBeLessThanOrEqual(1_100)
    expect(sent.length).toBe(30)
  })

  it('opens each window with a request, though answers of the window before are still awaited', () => {
    const bucket = begun()
    for (const _ of [1, 2, 3]) bucket.take(9_900)
    for (const now of [10_500, 20_500]) expect([now, bucket.dueIn(now, common, 0)]).toEqual([now, 0])
    bucket.take(20_500)
    expect(bucket.dueIn(20_500, common, 0)).toBeGreaterThan(0)
  })

  it('is not used up twice by answers that come out of order', () => {
    const bucket = begun()
    for (const _ of [1, 2, 3]) bucket.take(100)
    bucket.hear(300, told(10, 6, 9.7))
    bucket.land(true)
    bucket.hear(310, told(10, 8, 9.69))
    bucket.land(true)
    bucket.hear(320, told(10, 7, 9.68))
    bucket.land(true)
    expect([5, 6].map((before) => bucket.dueIn(400, urgent, before) === 0)).toEqual([true, false])
  })

  it('counts what others send with the same token', () => {
    const bucket = begun()
    bucket.take(100)
    bucket.hear(200, told(10, 3, 9.8))
    bucket.land(true)
    expect([2, 3].map((before) => bucket.dueIn(300, urgent, before) === 0)).toEqual([true, false])
  })

  it('is neither closed nor opened by a late answer that speaks of the window before', () => {
    const bucket = begun(1)
    bucket.take(9_900)
    bucket.take(10_100)
    bucket.hear(10_120, told(10, 9, 9.98))
    bucket.land(true)
    bucket.hear(10_150, told(10, 0, 0.001))
    bucket.land(true)
    expect([8, 9].map((before) => bucket.dueIn(10_200, urgent, before) === 0)).toEqual([true, false])
  })

  it('that refused a request is left alone for as long as it asks, and then tried with one', () => {
    const bucket = begun()
    bucket.take(100)
    bucket.close(5_000)
    bucket.land(false)
    expect([bucket.dueIn(1_000, urgent, 0), bucket.dueIn(1_000, urgent, 1)]).toEqual([4_000, null])
    expect([bucket.dueIn(5_000, urgent, 0), bucket.dueIn(5_000, urgent, 1)]).toEqual([0, null])
  })

  it.each([
    ['no number', told('ten', 9, 10)],
    ['a limit of nothing', told(0, 0, 10)],
    ['time that runs backwards', told(10, 9, -1)],
    ['time without end', told(10, 9, 'Infinity')],
    ['nothing', new Headers()],
  ])('is not learned from headers that say %s', (_what, headers) => {
    const bucket = new Bucket('remove_role')
    bucket.take(0)
    bucket.hear(0, headers)
    expect(bucket.pace).toBe(1)
    expect(bucket.dueIn(0, urgent, 0)).toBeNull()
  })
})

describe('giving and taking a role', () => {
  const GUILD = '100000000000000001'
  const address = `https://discord.com/api/v10/guilds/${GUILD}/members/200000000000000001/roles/300000000000000001`

  function standing() {
    const still = () => new Promise<never>(() => {})
    const lines = new Lines({ now: () => 0, obstacle: () => null, isFresh: () => true, ask: still, send: still }, 1_000)
    const begin = (kind: 'remove_role' | 'add_role', memberId: string) => {
      const act = { kind, guildId: GUILD, memberId, roleId: '3' }
      void lines.take(
        new Errand(act, '', { reason: '', lane: 'live', lookedAt: { elapsed: 0, now: 0 }, stillWanted: still }),
      )
    }
    return { lines, begin }
  }

  it('count towards one limit where Discord calls them by one name', () => {
    const { lines, begin } = standing()
    begin('remove_role', '1')
    lines.hear('DELETE', address, told(10, 9, 5))
    lines.hear('PUT', address, told(10, 8, 5))
    expect(lines.pace(GUILD, 'add_role')).toBe(lines.pace(GUILD, 'remove_role'))
    expect(lines.pace(GUILD, 'remove_role')).toBeCloseTo(2, 2)
  })

  it('count towards two where it does not', () => {
    const { lines, begin } = standing()
    begin('remove_role', '1')
    lines.hear('DELETE', address, told(10, 9, 5, 'a'))
    lines.hear('PUT', address, told(20, 19, 5, 'b'))
    expect(lines.pace(GUILD, 'remove_role')).toBeCloseTo(2, 2)
    begin('add_role', '2')
    lines.hear('PUT', address, told(20, 18, 2, 'b'))
    expect(lines.pace(GUILD, 'add_role')).toBeGreaterThan(1)
    expect(lines.pace(GUILD, 'remove_role')).toBeCloseTo(2, 2)
  })
})
