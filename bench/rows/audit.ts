import { fillWithTown } from '../audit/citizens.ts'
import type { Audited, AuditPlan, AuditQuestion } from '../audit/side.ts'
import { Town } from '../guild/town.ts'
import { makePostgresPlace } from '../identity/place.ts'
import { median } from '../median.ts'
import { Peer } from '../peer.ts'
import { singleRow } from '../row.ts'
import { soonEnough } from '../soon-enough.ts'
import { makePlace } from '../strip/place.ts'

/** What most guilds have at most. */
const GOVERNED = 64
const ROUNDS = 3
const QUICK_ROUNDS = 1
const DEADLINE_MS = 300_000

/** A report on everybody, the roster live: from the order to the last stored finding, in members a second. */
export const auditFull = singleRow({
  name: 'audit.full_1m',
  unit: 'members/s',
  goal: 7,
  bound: 'at least',
  deadlineMs: DEADLINE_MS,
  measure: async ({ members, seed, quick }, progress) => {
    const town = { members, seed, governed: GOVERNED }
    progress(`putting ${members} people into an identity database`)
    const identity = await makePostgresPlace((tell, copy) => fillWithTown(new Town(town), tell, copy))
    const record = await makePlace('server')
    try {
      const plan = { town, identity: identity.address, record: record.place.url! }
      return await soonEnough(DEADLINE_MS, compare(plan, quick ? QUICK_ROUNDS : ROUNDS, progress))
    } finally {
      await record.drop()
      await identity.drop()
    }
  },
})

type Side = 'ours' | 'theirs'

async function compare(plan: AuditPlan, rounds: number, progress: (words: string) => void) {
  const seen: Readonly<Record<Side, Audited[]>> = { ours: [], theirs: [] }
  for (const side of ['theirs', 'ours'] as const) {
    progress(`making ${plan.town.members} members: ${side}`)
    const peer = new Peer<AuditQuestion>(new URL('../audit/auditor.ts', import.meta.url), [side])
    try {
      await peer.ask({ ask: 'open', ...plan })
      for (let round = 1; round <= rounds; round++) {
        progress(`a whole report, round ${round} of ${rounds}: ${side}`)
        seen[side].push(await peer.ask<Audited>({ ask: 'run' }))
      }
      await peer.ask({ ask: 'close' })
    } finally {
      peer.stop()
    }
  }
  const [first] = seen.ours
  for (const { stored } of [...seen.ours, ...seen.theirs])
    if (stored.digest !== first!.stored.digest || stored.findings === 0)
      throw new Error(`the stored findings differ: ${first!.stored.findings} of ours, ${stored.findings}`)
  const rate = (side: Side) => (plan.town.members / median(seen[side].map(({ ms }) => ms))) * 1_000
  return { ours: rate('ours'), baseline: rate('theirs'), notes: [toNote(seen)] }
}

const toNote = ({ ours, theirs }: Readonly<Record<Side, readonly Audited[]>>): string =>
  `${ours[0]!.stored.findings} findings in ${times(ours)} against ${times(theirs)}; the loop was held for ${stall(ours)} ms at most against ${stall(theirs)} ms`

const times = (all: readonly Audited[]): string => `${(median(all.map(({ ms }) => ms)) / 1_000).toFixed(1)} s`
const stall = (all: readonly Audited[]): string => Math.max(...all.map(({ stallMs }) => stallMs)).toFixed(0)
