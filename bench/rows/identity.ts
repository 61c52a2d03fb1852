import type { Dialect } from '#src/identity/server/server.ts'
import { makeIdentityPlace } from '../identity/place.ts'
import type { Source } from '../identity/plain.ts'
import type { ReaderQuestion, ReadingSide, Readings } from '../identity/reader.ts'
import { membershipsOf } from '../identity/tables.ts'
import { median } from '../median.ts'
import { Peer } from '../peer.ts'
import { type Figure, type Measured, type Row, type Sizes, singleRow } from '../row.ts'
import { soonEnough } from '../soon-enough.ts'

const SOURCES: readonly Source[] = ['alliance-auth', 'view']
const ROUNDS = 2
const QUICK_ROUNDS = 1
/** Whatever else the machine does holds the loop up as well, now and then. */
const STALL_ROUNDS = 5
const DEADLINE_MS = 300_000
/** The first sides are the baseline and ours; the others are for the notes, and read once. */
const COMPARED = 2
const MIB = 2 ** 20

/** Everybody in a database of somebody's into the columns that deciding needs, beside every row as an object. */
export const identityPostgres = identityRow('identity.postgres_1m', 'postgres', 'drizzle', 5)
export const identityMariaDb = identityRow('identity.mariadb_1m', 'mysql', 'driver', 1)

function identityRow(name: string, dialect: Dialect, baseline: ReadingSide, times: number): Row {
  const memory = `${name}.memory`
  const also: readonly ReadingSide[] = dialect === 'postgres' ? ['driver', 'gathering drizzle'] : []
  return {
    name,
    goals: [
      { name, unit: 'rows/s', goal: times, bound: 'at least' },
      { name: memory, unit: 'MiB', goal: 0.2, bound: 'at most' },
    ],
    deadlineMs: DEADLINE_MS,
    measure: (sizes, progress) =>
      inDatabase(dialect, sizes, progress, async (read): Promise<Measured> => {
        const compared: Compared[] = []
        for (const source of SOURCES) {
          const sides = [baseline, 'ours', ...also.filter((side) => source === 'alliance-auth' || side === 'driver')]
          compared.push(await compare(source, sides as ReadingSide[], sizes, read, progress))
        }
        const worst = (of: (one: Compared) => Figure, isWorse: (a: number, b: number) => boolean): Figure =>
          compared.map(of).reduce((a, b) => (isWorse(ratioOf(b), ratioOf(a)) ? b : a))
        const rate = ({ ours, sides }: Compared) => ({ ours: ours.rate, baseline: sides.get(baseline)!.rate })
        const kept = ({ ours, sides }: Compared) => ({ ours: ours.mib, baseline: sides.get(baseline)!.mib })
        return {
          figures: { [name]: worst(rate, (a, b) => a < b), [memory]: worst(kept, (a, b) => a > b) },
          notes: compared.map(toNote),
        }
      }),
  }
}

/** The longest that nothing else could be done while everybody is read, names and counts included, whichever the source. */
export const identityStall = singleRow({
  name: 'identity.loop_stall',
  unit: 'ms',
  goal: 50,
  bound: 'at most',
  deadlineMs: DEADLINE_MS,
  measure: async (sizes, progress) => {
    const notes: string[] = []
    let longest = 0
    for (const dialect of ['postgres', 'mysql'] as const)
      await inDatabase(dialect, sizes, progress, async (read) => {
        for (const source of SOURCES) {
          progress(`reading everybody as a run does: ${source} on ${SERVERS[dialect]}`)
          const readings: Readings[] = []
          for (let round = 0; round < (sizes.quick ? QUICK_ROUNDS : STALL_ROUNDS); round++)
            readings.push(await read('ours', source))
          const stallMs = median(readings.map((one) => one.stallMs))
          const ms = median(readings.map((one) => one.ms))
          notes.push(`${source} on ${SERVERS[dialect]}: ${stallMs.toFixed(1)} ms, in ${seconds(ms)} altogether`)
          longest = Math.max(longest, stallMs)
        }
      })
    return { ours: longest, baseline: null, notes }
  },
})

const SERVERS: Readonly<Record<Dialect, string>> = { postgres: 'PostgreSQL', mysql: 'MariaDB' }

type ReadOnce = (side: ReadingSide, source: Source) => Promise<Readings>

/** In a fresh process each time. */
async function inDatabase<T>(
  dialect: Dialect,
  { members }: Sizes,
  progress: (words: string) => void,
  work: (read: ReadOnce) => Promise<T>,
): Promise<T> {
  progress(`making ${members} people on ${SERVERS[dialect]}`)
  const { address, drop } = await makeIdentityPlace(dialect, members)
  const read: ReadOnce = async (side, source) => {
    const peer = new Peer<ReaderQuestion>(new URL('../identity/reader.ts', import.meta.url), [side])
    try {
      return await peer.ask<Readings>({ source, address })
    } finally {
      peer.stop()
    }
  }
  try {
    return await soonEnough(DEADLINE_MS, work(read))
  } finally {
    await drop()
  }
}

interface OneSide {
  readonly rate: number
  readonly mib: number
  readonly stallMs: number
}

interface Compared {
  readonly source: Source
  readonly ours: OneSide
  readonly sides: ReadonlyMap<ReadingSide, OneSide>
}

async function compare(
  source: Source,
  sides: readonly ReadingSide[],
  { members, quick }: Sizes,
  read: ReadOnce,
  progress: (words: string) => void,
): Promise<Compared> {
  const rounds = quick ? QUICK_ROUNDS : ROUNDS
  const readings = new Map<ReadingSide, Readings[]>(sides.map((side) => [side, []]))
  for (let round = 1; round <= rounds; round++)
    for (const side of round === 1 ? sides : sides.slice(0, COMPARED)) {
      progress(`${source}, round ${round} of ${rounds}: ${side}`)
      readings.get(side)!.push(await read(side, source))
    }
  const all = [...readings.values()].flat()
  if (new Set(all.map(({ sum }) => JSON.stringify(sum))).size > 1)
    throw new Error(`not everybody read the same: ${all.map(({ sum }) => JSON.stringify(sum)).join(', ')}`)
  const rows = members + membershipsOf(members)
  const seen = new Map([...readings].map(([side, own]) => [side, toSide(own, rows)]))
  return { source, ours: seen.get('ours')!, sides: seen }
}

const toSide = (readings: readonly Readings[], rows: number): OneSide => ({
  rate: (rows / median(readings.map(({ ms }) => ms))) * 1_000,
  mib: median(readings.map(({ bytes }) => bytes)) / MIB,
  stallMs: Math.max(...readings.map(({ stallMs }) => stallMs)),
})

const ratioOf = ({ ours, baseline }: Figure): number => ours / baseline!

function toNote({ source, sides }: Compared): string {
  const words = [...sides].map(
    ([side, { rate, mib, stallMs }]) =>
      `${side} ${Math.round(rate / 1_000).toLocaleString('en')}k rows/s, ${mib.toFixed(0)} MiB kept, loop held for ${stallMs.toFixed(0)} ms at most`,
  )
  return `${source}: ${words.join('; ')}`
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
