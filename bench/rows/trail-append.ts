import { randomBytes } from 'node:crypto'
import { type Database, openDatabase } from '#src/store/database.ts'
import { trail } from '#src/store/schema/trail.ts'
import { makeAppend } from '#src/trail/append.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'
import { median } from '../median.ts'
import { chainOf, draftOf } from '../record/lines.ts'
import { type Row, singleRow } from '../row.ts'
import { soonEnough } from '../soon-enough.ts'
import { type Engine, makePlace } from '../strip/place.ts'

const LINES = 50_000
const QUICK_LINES = 2_000
/** What is committed at once, on both sides. */
const BATCH = 1_000
/** Lines that are committed one by one, for the note. */
const ALONE = 200
const ROUNDS = 5
const QUICK_ROUNDS = 1
const DEADLINE_MS = 300_000

/** Lines numbered, chained and committed, beside plain INSERTs of rows that have all that already. */
export const trailAppendEmbedded = appendRow('trail.append_embedded', 'embedded')
export const trailAppendServer = appendRow('trail.append_server', 'server')

function appendRow(name: string, engine: Engine): Row {
  return singleRow({
    ...{ name, unit: 'ms', goal: 1.3, bound: 'at most', deadlineMs: DEADLINE_MS },
    measure: async ({ quick }, progress) => {
      const { place, drop } = await makePlace(engine)
      const database = await openDatabase({
        ...(place.url !== null && { url: place.url }),
        ...{ dataDir: place.dataDir, log: () => {} },
      })
      try {
        const plan = { lines: quick ? QUICK_LINES : LINES, rounds: quick ? QUICK_ROUNDS : ROUNDS }
        return await soonEnough(DEADLINE_MS, compare(database, plan, progress))
      } finally {
        await database.close()
        await drop()
      }
    },
  })
}

interface Plan {
  readonly lines: number
  readonly rounds: number
}

async function compare({ db }: Database, { lines, rounds }: Plan, progress: (words: string) => void) {
  const ids = new Uuid7(Date.now, randomBytes)
  const append = makeAppend(() => ids.next())
  const at = Date.now()
  let guild = 100
  const ours = (count: number, batch: number) => {
    const guildId = String(++guild)
    const drafts = Array.from({ length: count }, (_, nth) => draftOf(guildId, nth + 1))
    return inBatches(drafts, batch, (some) => db.transaction((tx) => append(tx, some, at)))
  }
  const theirs = (count: number, batch: number) => {
    const rows = [...chainOf(String(++guild), count, at)].map((row) => ({ ...row, guildId: row.guildId! }))
    return inBatches(rows, batch, (some) => db.transaction((tx) => tx.insert(trail).values([...some])))
  }
  const seen = { ours: [] as number[], theirs: [] as number[] }
  for (let round = 1; round <= rounds; round += 1) {
    progress(`${lines} lines, round ${round} of ${rounds}`)
    seen.theirs.push(await theirs(lines, BATCH))
    seen.ours.push(await ours(lines, BATCH))
  }
  const alone = { theirs: (await theirs(ALONE, 1)) / ALONE, ours: (await ours(ALONE, 1)) / ALONE }
  const notes = [`a line committed alone takes ${alone.ours.toFixed(2)} ms against ${alone.theirs.toFixed(2)} ms`]
  return { ours: median(seen.ours), baseline: median(seen.theirs), notes }
}

/** In ms, from the first to the last of them committed. */
async function inBatches<T>(all: readonly T[], size: number, write: (some: readonly T[]) => Promise<unknown>) {
  const began = performance.now()
  for (let start = 0; start < all.length; start += size) await write(all.slice(start, start + size))
  return performance.now() - began
}
