import { randomBytes } from 'node:crypto'
import { systemClock } from '#src/bot/system-clock.ts'
import { openSinks } from '#src/sinks/open.ts'
import { Relays } from '#src/sinks/relays.ts'
import { type Database, openDatabase } from '#src/store/database.ts'
import { toFault } from '#src/store/fault.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { makeAppend } from '#src/trail/append.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'
import { Peer } from '../peer.ts'
import { draftOf } from '../record/lines.ts'
import type { CollectorQuestion } from '../relay/collector.ts'
import { singleRow } from '../row.ts'
import { soonEnough } from '../soon-enough.ts'
import { type Engine, engines, makePlace } from '../strip/place.ts'

const LINES = 50_000
const QUICK_LINES = 2_000
/** Lines in one transaction when the record is written. */
const BATCH = 1_000
const GUILD = '100'
const DEADLINE_MS = 300_000

/** Lines of a record, read and sent to a collector on this machine over HTTP, its cursor moved with each batch: as the bot does it. */
export const relayThroughput = singleRow({
  ...{ name: 'relay.throughput', unit: 'events a second', goal: 5_000, bound: 'at least', deadlineMs: DEADLINE_MS },
  measure: async ({ quick }, progress) => {
    const lines = quick ? QUICK_LINES : LINES
    const seen: { readonly engine: Engine; readonly rate: number }[] = []
    for (const engine of await engines()) {
      progress(`writing ${lines} lines, and delivering them (${engine})`)
      seen.push({ engine, rate: await soonEnough(DEADLINE_MS, onEngine(engine, lines)) })
    }
    const notes = seen.map(({ engine, rate }) => `${ENGINES[engine]}: ${Math.round(rate)} events a second`)
    return { ours: Math.min(...seen.map(({ rate }) => rate)), baseline: null, notes }
  },
})

const ENGINES: Readonly<Record<Engine, string>> = { embedded: 'from the embedded engine', server: 'from a server' }

async function onEngine(engine: Engine, lines: number): Promise<number> {
  const { place, drop } = await makePlace(engine)
  const collector = new Peer<CollectorQuestion>(new URL('../relay/collector.ts', import.meta.url))
  const { url, dataDir } = place
  const database = await openDatabase({ ...(url !== null && { url }), dataDir, log: () => {} })
  try {
    await fill(database, lines)
    const ms = await deliver(database, await collector.ask<string>({ kind: 'open' }))
    const came = await collector.ask<number>({ kind: 'count' })
    if (came !== lines) throw new Error(`${came} events came, not ${lines}`)
    return lines / (ms / 1_000)
  } finally {
    await database.close()
    collector.stop()
    await drop()
  }
}

async function fill({ db }: Database, lines: number): Promise<void> {
  const ids = new Uuid7(Date.now, randomBytes)
  const append = makeAppend(() => ids.next())
  for (let from = 0; from < lines; from += BATCH) {
    const drafts = Array.from({ length: Math.min(BATCH, lines - from) }, (_, nth) => draftOf(GUILD, from + nth + 1))
    await db.transaction((tx) => append(tx, drafts, Date.now()))
  }
}

/** In ms, until the last of them is delivered and the cursor says so. */
async function deliver({ db }: Database, url: string): Promise<number> {
  const scrub = (text: string) => text
  const filter = { only: null, not: [], guilds: null }
  const plan = { kind: 'otlp', name: 'otlp', url, headers: {}, filter } as const
  const outlets = await openSinks([plan], { version: '0.0.0', scrub, now: Date.now })
  const log = makeLog({ level: 'error', secrets: [] })
  const began = performance.now()
  const parts = { db, from: 'start', clock: systemClock, random: Math.random, log, scrub, toFault } as const
  const relays = await Relays.begin(outlets, { ...parts, mayAct: () => true })
  try {
    const missing = await relays.arrival(GUILD, new Set([plan.name]), DEADLINE_MS)
    if (missing.length > 0) throw new Error('not everything was delivered in time')
    return performance.now() - began
  } finally {
    await relays.end()
  }
}
