import type { DeciderQuestion, Opened } from '../decide/decider.ts'
import { ROLES } from '../guild/town.ts'
import { median } from '../median.ts'
import { Peer } from '../peer.ts'
import { type Row, type Sizes, singleRow } from '../row.ts'

const ROUNDS = 4
const QUICK_ROUNDS = 2
/** The walk is so much shorter that one round of it says little. */
const WALKS_A_ROUND = 10
const DEADLINE_MS = 300_000

/** Members decided a second, with 256 roles of which all but the bot's own are governed. */
export const decideAll = decideRow('decide.members_1m_256', ROLES - 1, 100, 'wide')
/** The same where 64 of the 256 roles are governed, which is what most guilds have at most. */
export const decideFew = decideRow('decide.members_1m_64', 64, 300, 'narrow')

type Path = 'narrow' | 'wide'

/** `path` is the way that the walk must have gone: a fast path that is never taken still gives right results. */
function decideRow(name: string, governed: number, goal: number, path: Path): Row {
  const bound = 'at least'
  return singleRow({
    name,
    unit: 'members/s',
    goal,
    bound,
    deadlineMs: DEADLINE_MS,
    measure: async (sizes, progress) => {
      const sides = { ours: decider('ours'), theirs: decider('theirs') }
      try {
        return await compare(sides, sizes, governed, path, progress)
      } finally {
        sides.ours.stop()
        sides.theirs.stop()
      }
    },
  })
}

type Decider = Peer<DeciderQuestion>

function decider(side: 'ours' | 'theirs'): Decider {
  return new Peer(new URL('../decide/decider.ts', import.meta.url), [side])
}

async function compare(
  sides: { readonly ours: Decider; readonly theirs: Decider },
  { members, seed, quick }: Sizes,
  governed: number,
  path: Path,
  progress: (words: string) => void,
) {
  progress(`making ${members} members, ours and discord.js'`)
  const ours = await sides.ours.ask<Opened>({ ask: 'open', members, seed, governed })
  const theirs = await sides.theirs.ask<Opened>({ ask: 'open', members, seed, governed })
  assertSame(ours, theirs, path, members)
  const times = { ours: [] as number[], theirs: [] as number[] }
  const rounds = quick ? QUICK_ROUNDS : ROUNDS
  for (let round = 1; round <= rounds; round++) {
    progress(`deciding, round ${round} of ${rounds}`)
    times.theirs.push(...(await sides.theirs.ask<readonly number[]>({ ask: 'decide', times: 1 })))
    times.ours.push(...(await sides.ours.ask<readonly number[]>({ ask: 'decide', times: WALKS_A_ROUND })))
  }
  const [our, their] = [median(times.ours), median(times.theirs)]
  return {
    ours: (members / our) * 1000,
    baseline: (members / their) * 1000,
    notes: [toNote(ours, theirs, our, their)],
  }
}

/** Both sides come to the same findings, and ours by the path that is being measured. */
function assertSame(ours: Opened, theirs: Opened, path: Path, members: number): void {
  if (ours.walked?.[path] !== members)
    throw new Error(`the ${path} path was taken for ${ours.walked?.[path]} of ${members} members`)
  if (ours.digest !== theirs.digest)
    throw new Error(`the findings differ: ${ours.findings} of ours, ${theirs.findings} over discord.js' objects`)
  if (ours.findings === 0) throw new Error('nobody is out of order, so nothing was compared')
}

function toNote(ours: Opened, theirs: Opened, our: number, their: number): string {
  const whole = { ours: our + ours.preparedMs, theirs: their + theirs.preparedMs }
  const times = (whole.theirs / whole.ours).toFixed(1)
  return (
    `${ours.findings} findings in ${our.toFixed(1)} ms against ${their.toFixed(0)} ms; with laying out who claims whom ` +
    `${whole.ours.toFixed(0)} ms against ${whole.theirs.toFixed(0)} ms, which is ${times} times faster`
  )
}
