import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../quantile.ts'
import type { Row, Sizes } from '../row.ts'
import { nameOf, Parties, type Side } from '../strip/parties.ts'
import { engines } from '../strip/place.ts'

/** A large community. What a look costs grows with the people in the identity database. */
const MEMBERS = 10_000
/** How many of them are governed is what most servers have at most. */
const GOVERNED = 64
const EVENTS = 250
const QUICK_EVENTS = 3
/** What a removal sets off (its echo, its outcome in the record) has come to rest before the next side is measured. */
const QUIET_MS = 150

const P50 = 'strip.live_p50'
const P99 = 'strip.live_p99'

/** From the dispatch that tells of a role given by hand to the arrival of the request that takes it, our whole bot against a handler that asks nobody. */
export const stripLive: Row = {
  name: 'strip.live',
  goals: [
    { name: P50, unit: 'ms', goal: 1, bound: 'at most' },
    { name: P99, unit: 'ms', goal: 1 / 3, bound: 'at most' },
  ],
  deadlineMs: 300_000,
  measure: async ({ members, seed, quick }: Sizes, progress) => {
    const ours = await engines()
    const parties = new Parties([...ours, 'nothing', 'everything'])
    const town = { members: Math.min(members, MEMBERS), seed, governed: GOVERNED, sound: true }
    try {
      await parties.open({ town, rateScale: null, astray: 0, perSecond: null }, progress)
      const waits = await give(parties, quick ? QUICK_EVENTS : EVENTS, progress)
      /** Of our two engines the slower one counts. */
      const figure = (share: number) => ({
        ours: Math.max(...ours.map((side) => quantile(waits.get(side)!, share))),
        baseline: quantile(waits.get('nothing')!, share),
      })
      const notes = parties.sides.map((side) => `${nameOf(side)}: ${summary(waits.get(side)!)}`)
      return { figures: { [P50]: figure(0.5), [P99]: figure(0.99) }, notes }
    } finally {
      await parties.stop()
    }
  },
}

/** Each event to one side after the other, so that all of them meet the machine in the same mood. */
async function give(
  parties: Parties,
  events: number,
  progress: (words: string) => void,
): Promise<ReadonlyMap<Side, readonly number[]>> {
  progress(`giving a role to ${events} people, on each side`)
  const waits = new Map<Side, number[]>(parties.sides.map((side) => [side, []]))
  for (let person = 0; person < events; person++) {
    for (const side of parties.sides) {
      waits.get(side)!.push(await parties.give(side, person))
      await pause(QUIET_MS)
    }
  }
  return waits
}

function summary(waits: readonly number[]): string {
  const [middle, most, last] = [0.5, 0.99, 1].map((share) => quantile(waits, share).toFixed(1))
  return `half within ${middle} ms, 99 of 100 within ${most} ms, all ${waits.length} within ${last} ms`
}
