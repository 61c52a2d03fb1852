import { type Database, openDatabase } from '#src/store/database.ts'
import { chances } from '../guild/chances.ts'
import { fillPast } from '../history/past.ts'
import { QUESTIONS } from '../history/questions.ts'
import { quantile } from '../quantile.ts'
import { singleRow } from '../row.ts'
import { soonEnough } from '../soon-enough.ts'
import { type Engine, engines, makePlace } from '../strip/place.ts'

const LINES = 1_000_000
const QUICK_LINES = 20_000
const ROUNDS = 40
const QUICK_ROUNDS = 2
const DEADLINE_MS = 300_000

interface Plan {
  readonly lines: number
  readonly rounds: number
  readonly seed: number
}

/** What a moderator waits for a page of the past, of the slower engine; the time at Discord's door comes beside it. */
export const historyPages = singleRow({
  ...{ name: 'history.p95', unit: 'ms', goal: 50, bound: 'at most', deadlineMs: DEADLINE_MS },
  measure: async ({ quick, seed }, progress) => {
    const plan = { lines: quick ? QUICK_LINES : LINES, rounds: quick ? QUICK_ROUNDS : ROUNDS, seed }
    const all: { readonly engine: Engine; readonly p95: number; readonly note: string }[] = []
    for (const engine of await engines())
      all.push({ engine, ...(await soonEnough(DEADLINE_MS, on(engine, plan, progress))) })
    const notes = all.map(({ engine, p95, note }) => `${engine}: ${p95.toFixed(1)} ms; ${note}`)
    return { ours: Math.max(...all.map(({ p95 }) => p95)), baseline: null, notes }
  },
})

async function on(engine: Engine, plan: Plan, progress: (words: string) => void) {
  const { place, drop } = await makePlace(engine)
  const url = place.url === null ? {} : { url: place.url }
  const database = await openDatabase({ ...url, dataDir: place.dataDir, log: () => {} })
  try {
    await fillPast(database.db, plan.lines, (words) => progress(`${engine}: ${words}`))
    progress(`${engine}: asking`)
    return await asked(database, plan)
  } finally {
    await database.close()
    await drop()
  }
}

/** Each question in turn, so that none finds only its own pages at hand. */
async function asked({ db }: Database, { rounds, seed }: Plan) {
  const chance = chances(seed)
  const pick = (below: number): number => Math.floor(chance() * below)
  const times = new Map<string, number[]>(QUESTIONS.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1)
    for (const { name, ask } of QUESTIONS) {
      const began = performance.now()
      await ask(db, pick)
      times.get(name)!.push(performance.now() - began)
    }
  const slowest = [...times]
    .map(([name, ofOne]) => ({ name, p95: quantile(ofOne, 0.95) }))
    .sort((a, b) => b.p95 - a.p95)
  const note = slowest.slice(0, 3).map(({ name, p95 }) => `${name} ${p95.toFixed(1)} ms`)
  return { p95: quantile([...times.values()].flat(), 0.95), note: `the slowest are ${note.join(', ')}` }
}
