import type { Finding } from '#src/core/model.ts'
import { compareIds } from '#src/core/order.ts'
import { makeClaimColumns, type Walked, walk } from '#src/core/walk.ts'
import { INVOCATION, identitiesOf, scopeOf, settingsOf } from '../guild/orders.ts'
import { fillRoster } from '../guild/ours.ts'
import { makePlainClaims, plainFindings } from '../guild/plain-rules.ts'
import { fillCache } from '../guild/theirs.ts'
import { ROLES, Town } from '../guild/town.ts'
import { median } from '../median.ts'
import { type Row, type Sizes, singleRow } from '../row.ts'

const ROUNDS = 5
const QUICK_ROUNDS = 2
/** The walk is so much shorter that one round of it says little. */
const WALKS_A_ROUND = 5

/** Members decided a second, with 256 roles of which all but the bot's own are governed. */
export const decideAll = decideRow('decide.members_1m_256', ROLES - 1, 100, 'wide')
/** The same where 64 of the 256 roles are governed, which is what most guilds have at most. */
export const decideFew = decideRow('decide.members_1m_64', 64, 300, 'narrow')

/** `governed` roles; `path` is the way that the walk must have gone, for a fast path that is never taken still gives right results. */
function decideRow(name: string, governed: number, goal: number, path: 'narrow' | 'wide'): Row {
  return singleRow({
    name,
    unit: 'members/s',
    goal,
    bound: 'at least',
    deadlineMs: 300_000,
    measure: (sizes, progress) => decide(sizes, governed, path, progress),
  })
}

type Progress = (words: string) => void

async function decide(sizes: Sizes, governed: number, path: 'narrow' | 'wide', progress: Progress) {
  const town = new Town({ members: sizes.members, seed: sizes.seed, governed })
  progress(`making ${town.size} members, ours and discord.js'`)
  const { prepareOurs, prepareTheirs } = twoSides(town)
  const prepared = { ours: timed(prepareOurs), theirs: timed(prepareTheirs) }
  const { value: decideOurs } = prepared.ours
  const { value: decideTheirs } = prepared.theirs
  const findings = assertSame(decideOurs(), decideTheirs(), path, town.size)
  const times = { ours: [] as number[], theirs: [] as number[] }
  const rounds = sizes.quick ? QUICK_ROUNDS : ROUNDS
  for (let round = 1; round <= rounds; round++) {
    progress(`deciding, round ${round} of ${rounds}`)
    globalThis.gc!()
    times.theirs.push(timed(decideTheirs).ms)
    globalThis.gc!()
    for (let again = 0; again < WALKS_A_ROUND; again++) times.ours.push(timed(decideOurs).ms)
  }
  const ours = median(times.ours)
  const theirs = median(times.theirs)
  const whole = { ours: ours + prepared.ours.ms, theirs: theirs + prepared.theirs.ms }
  return {
    ours: (town.size / ours) * 1000,
    baseline: (town.size / theirs) * 1000,
    notes: [
      `${findings} findings in ${ours.toFixed(1)} ms against ${theirs.toFixed(0)} ms, claims prepared on both sides; ` +
        `with the preparing ${whole.ours.toFixed(0)} ms against ${whole.theirs.toFixed(0)} ms, ` +
        `${(whole.theirs / whole.ours).toFixed(1)} times faster`,
    ],
  }
}

/** Each side's preparing, which answers the deciding that is measured. */
function twoSides(town: Town) {
  const identities = identitiesOf(town)
  const roster = fillRoster(town)
  const scope = scopeOf(town, roster)
  const guild = fillCache(town)
  guild.client.user = guild.members.cache.get(town.botUserId)!.user as NonNullable<typeof guild.client.user>
  const orders = { settings: settingsOf(town), invocation: INVOCATION }
  return {
    prepareOurs: () => {
      const claims = makeClaimColumns(roster.columns, identities, scope)
      return () => walk(roster.columns, claims, scope)
    },
    prepareTheirs: () => {
      const known = makePlainClaims(guild, [...town.groups, ...town.states], identities)
      return () => plainFindings(guild, known, orders)
    },
  }
}

function timed<T>(act: () => T): { readonly value: T; readonly ms: number } {
  const began = performance.now()
  const value = act()
  return { value, ms: performance.now() - began }
}

/** Both sides come to the same findings, and ours by the path that is being measured. How many there are. */
function assertSame(
  { findings, walked }: { readonly findings: readonly Finding[]; readonly walked: Walked },
  theirs: readonly Finding[],
  path: 'narrow' | 'wide',
  members: number,
): number {
  if (walked[path] !== members) throw new Error(`the ${path} path was taken for ${walked[path]} of ${members} members`)
  if (toText(findings) !== toText(theirs))
    throw new Error(`the findings differ: ${findings.length} of ours, ${theirs.length} over discord.js' objects`)
  if (findings.length === 0) throw new Error('nobody is out of order, so nothing was compared')
  return findings.length
}

function toText(findings: readonly Finding[]): string {
  return JSON.stringify(findings.toSorted((a, b) => compareIds(a.memberId, b.memberId)))
}
