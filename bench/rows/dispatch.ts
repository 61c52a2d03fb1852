import { Gateway, type Side } from '../gateway/parties.ts'
import { ROLES } from '../guild/town.ts'
import { median } from '../median.ts'
import { type Sizes, singleRow } from '../row.ts'

/** A guild of this size at most: what an update costs does not depend on it, and both sides hold it first. */
const MEMBERS = 50_000
const UPDATES = 60_000
const QUICK_UPDATES = 5_000
const ROUNDS = 5
const QUICK_ROUNDS = 1
const SIDES: readonly Side[] = ['theirs', 'ours']

/** Member updates a second, from the socket to the one who wants to know of them. */
export const dispatchToHandler = singleRow({
  name: 'dispatch.to_handler',
  unit: 'updates/s',
  goal: 3,
  bound: 'at least',
  deadlineMs: 300_000,
  measure: async (sizes, progress) => {
    const members = Math.min(sizes.members, MEMBERS)
    const gateway = new Gateway(members)
    try {
      progress(`opening a gateway for ${members} members`)
      await gateway.open(sizes.seed, ROLES - 1)
      const rates = await floods(gateway, sizes, progress)
      const [theirs, ours] = SIDES.map((side) => median(rates[side]))
      return {
        ours: ours!,
        baseline: theirs!,
        notes: [`an update takes ${micros(ours!)} from socket to handler, and ${micros(theirs!)} with discord.js`],
      }
    } finally {
      gateway.stop()
    }
  },
})

/** Updates a second in each round of each side, which take turns. */
async function floods(gateway: Gateway, { quick }: Sizes, progress: (words: string) => void) {
  const clients = []
  for (const side of SIDES) {
    const client = await gateway.connect(side)
    await client.ask({ ask: 'fill' })
    clients.push(client)
  }
  const updates = quick ? QUICK_UPDATES : UPDATES
  const rounds = quick ? QUICK_ROUNDS : ROUNDS
  const rates: Record<Side, number[]> = { ours: [], theirs: [] }
  for (let round = 1; round <= rounds; round++) {
    progress(`${updates} updates to each side, round ${round} of ${rounds}`)
    for (const [session, side] of SIDES.entries()) {
      await gateway.prepare(session, updates)
      await clients[session]!.ask({ ask: 'expect', updates })
      await gateway.flood()
      rates[side].push(updates / (await clients[session]!.ask<number>({ ask: 'heard' })))
    }
  }
  return rates
}

function micros(rate: number): string {
  return `${(1e6 / rate).toFixed(1)} µs`
}
