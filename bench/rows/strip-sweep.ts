import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../quantile.ts'
import { singleRow } from '../row.ts'
import { Parties } from '../strip/parties.ts'
import { type Engine, engines } from '../strip/place.ts'
import { perSecond, slotMs } from '../strip/windows.ts'

/** Members of the plan, enough to be stripped for as long as the row lasts. */
const SWEPT = 720
const QUICK_SWEPT = 100
/** A run strips at most a tenth of a server. */
const MEMBERS_PER_SWEPT = 12
const GOVERNED = 64
/** Fivefold: shortened further, the bot's own few milliseconds would be slots. */
const RATE_SCALE = 0.2
/** The run has read and planned by then, and is at work. */
const HEAD_START_MS = 6_000
const EVENTS = 30
const QUICK_EVENTS = 2
/** Not in step with the windows, so that roles are given at every point of one. */
const EVERY_MS = 4_130

/** How long a role that is given by hand stands while a run uses up what Discord allows, in the time that one removal has of a window. */
export const stripSweep = singleRow({
  name: 'strip.live_behind_sweep',
  unit: 'slots',
  goal: 2,
  bound: 'at most',
  deadlineMs: 300_000,
  measure: async ({ seed, quick }, progress) => {
    const engine = (await engines()).at(-1)!
    const parties = new Parties([engine])
    const swept = quick ? QUICK_SWEPT : SWEPT
    const town = { members: swept * MEMBERS_PER_SWEPT, seed, governed: GOVERNED, sound: true }
    try {
      const plan = { town, rateScale: RATE_SCALE, astray: swept, perSecond: perSecond(RATE_SCALE) }
      await parties.open(plan, progress)
      progress(`a run that strips ${swept} members, and roles given by hand`)
      const waits = await behindSweep(parties, engine, quick ? QUICK_EVENTS : EVENTS)
      return { ours: quantile(waits, 1), baseline: null, notes: [summary(waits)] }
    } finally {
      await parties.stop()
    }
  },
})

/** In slots. */
async function behindSweep(parties: Parties, engine: Engine, events: number): Promise<readonly number[]> {
  let over: string | null = null
  const sweep = parties.sweep(engine).then((said) => {
    over = said
  })
  await Promise.race([sweep, pause(HEAD_START_MS)])
  const waits: number[] = []
  while (waits.length < events) {
    const [ms] = await Promise.all([parties.give(engine, waits.length), pause(EVERY_MS)])
    if (over !== null) throw new Error(`the run was over before the last role was given: ${over}`)
    waits.push(ms / slotMs(RATE_SCALE))
  }
  await sweep
  return waits
}

function summary(waits: readonly number[]): string {
  const [middle, most] = [0.5, 1].map((share) => quantile(waits, share).toFixed(2))
  const slot = `a slot is ${slotMs(RATE_SCALE)} ms here and ${slotMs(1)} ms at Discord`
  return `half within ${middle} slots, all ${waits.length} within ${most}; ${slot}`
}
