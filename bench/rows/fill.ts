import type { Filled } from '../gateway/client.ts'
import { Gateway, type Side } from '../gateway/parties.ts'
import { ROLES } from '../guild/town.ts'
import { median } from '../median.ts'
import type { Row, Sizes } from '../row.ts'

const ROUNDS = 3
const QUICK_ROUNDS = 1
const SIDES: readonly Side[] = ['theirs', 'ours']
const MIB = 2 ** 20

const TIME = 'roster.fill_1m.time'
const MEMORY = 'roster.fill_1m.memory'

/** From asking Discord for every member to holding them all, and the most memory that the whole process ever had by then. */
export const fillRoster: Row = {
  name: 'roster.fill_1m',
  goals: [
    { name: TIME, unit: 's', goal: 0.5, bound: 'at most' },
    { name: MEMORY, unit: 'MiB', goal: 0.2, bound: 'at most' },
  ],
  deadlineMs: 300_000,
  measure: async ({ members, seed, quick }: Sizes, progress) => {
    const gateway = new Gateway(members)
    try {
      progress(`writing out the chunks of ${members} members`)
      await gateway.open(seed, ROLES - 1)
      const rounds = quick ? QUICK_ROUNDS : ROUNDS
      const filled: Record<Side, Filled[]> = { ours: [], theirs: [] }
      for (let round = 1; round <= rounds; round++) {
        progress(`filling both sides, round ${round} of ${rounds}`)
        for (const side of SIDES) filled[side].push(await fillOnce(gateway, side))
      }
      const figure = (of: (one: Filled) => number) => ({
        ours: median(filled.ours.map(of)),
        baseline: median(filled.theirs.map(of)),
      })
      return {
        figures: { [TIME]: figure(({ seconds }) => seconds), [MEMORY]: figure(({ peakBytes }) => peakBytes / MIB) },
        notes: [],
      }
    } finally {
      gateway.stop()
    }
  },
}

/** In a fresh process each time: the peak of a process never falls. */
async function fillOnce(gateway: Gateway, side: Side): Promise<Filled> {
  const client = await gateway.connect(side)
  const filled = await client.ask<Filled>({ ask: 'fill' })
  client.stop()
  return filled
}
