import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../quantile.ts'
import { type Sizes, singleRow } from '../row.ts'
import { nameOf, Parties, type Side } from '../strip/parties.ts'
import { engines } from '../strip/place.ts'

/** The server in which roles are given, and the one whose members are listed meanwhile. */
const MEMBERS = 10_000
const CITY_MEMBERS = 200_000
const QUICK_CITY_MEMBERS = 20_000
const GOVERNED = 64
/** Some ten roles are given in a burst, and ten bursts have a hundredth part. */
const EVERY_MS = 100
const ROUNDS = 10
const QUICK_ROUNDS = 1
/** What a burst sets off has come to rest before the next. */
const QUIET_MS = 3_000

/** The same as `strip.live` while the member list of a large server comes in over the same connection. */
export const stripBurst = singleRow({
  name: 'strip.burst_p99',
  unit: 'ms',
  goal: 1 / 20,
  bound: 'at most',
  enough: 50,
  deadlineMs: 300_000,
  measure: async ({ members, seed, quick }: Sizes, progress) => {
    const ours = await engines()
    const parties = new Parties([...ours, 'nothing'])
    const town = { members: Math.min(members, MEMBERS), seed, governed: GOVERNED, sound: true }
    try {
      await parties.open({ town, rateScale: null, astray: 0, perSecond: null }, progress)
      const plan = { members: quick ? QUICK_CITY_MEMBERS : Math.min(members, CITY_MEMBERS), everyMs: EVERY_MS }
      const seen = new Map<Side, Seen>(parties.sides.map((side) => [side, { waits: [], burstsMs: [] }]))
      const rounds = quick ? QUICK_ROUNDS : ROUNDS
      for (let nth = 1; nth <= rounds; nth++) {
        progress(`listing ${plan.members} members to each side, round ${nth} of ${rounds}`)
        await round(parties, plan, seen)
      }
      const figure = (side: Side) => quantile(seen.get(side)!.waits, 0.99)
      const notes = parties.sides.map((side) => `${nameOf(side)}: ${summary(seen.get(side)!)}`)
      return { ours: Math.max(...ours.map(figure)), baseline: figure('nothing'), notes }
    } finally {
      await parties.stop()
    }
  },
})

interface Seen {
  readonly waits: number[]
  readonly burstsMs: number[]
}

async function round(
  parties: Parties,
  plan: { readonly members: number; readonly everyMs: number },
  seen: ReadonlyMap<Side, Seen>,
): Promise<void> {
  for (const side of parties.sides) {
    const { waits, burstsMs } = seen.get(side)!
    const burst = await parties.burst(side, waits.length, plan)
    waits.push(...burst.waits)
    burstsMs.push(burst.burstMs)
    await pause(QUIET_MS)
  }
}

function summary({ waits, burstsMs }: Seen): string {
  const [middle, most] = [0.5, 0.99].map((share) => quantile(waits, share).toFixed(0))
  return `half within ${middle} ms, 99 of 100 within ${most} ms, of ${waits.length}; a burst takes ${quantile(burstsMs, 0.5).toFixed(0)} ms`
}
