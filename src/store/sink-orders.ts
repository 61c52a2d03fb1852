import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { NotThere, type Refusal } from '#src/core/refusal.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { parkedLines, sinkCursors, sinkStates } from './schema/sinks.ts'
import { INSTALLATION, trailHeads } from './schema/trail.ts'
import { transact } from './transact.ts'

// What an operator decides about a sink that is stuck. The bot sees within a second what is written here.

/** The part of a ledger that is needed here; whose lines these are is nobody's concern. */
interface Recording extends Pick<Ledger, 'db'> {
  readonly append: (tx: Db, drafts: readonly TrailDraft[], at: number) => Promise<unknown>
}

/** What of a sink is meant. */
export interface Choice {
  readonly sink: string
  /** A guild's id or `installation`; null: every chain. */
  readonly chain: string | null
  /** The number of one parked line; null: all of them. */
  readonly seq: number | null
}

export interface Retried {
  readonly wasOff: boolean
  readonly parked: number
}

/** Numbers that the line of a drop names; the rest is counted. */
const MAX_NAMED = 500

/** Has the sink tried again at once, switched on where it was off, and the parked lines of the choice with it. Throws `NotThere`. */
export function retrySink(ledger: Recording, choice: Choice, change: Change): Promise<Retried> {
  return transact(ledger.db, async (tx) => {
    const { sink, chain, seq } = choice
    const { offSince } = await lockSink(tx, sink)
    const wanted = tx.update(parkedLines).set({ wantedAt: change.at })
    const waiting = await wanted
      .where(and(chosen(choice), isNull(parkedLines.wantedAt)))
      .returning({ seq: parkedLines.seq })
    if (seq !== null && waiting.length === 0) throw notParked(choice)
    const state = { offSince: null, offWhy: null, retriedAt: sql`clock_timestamp()` }
    await tx.update(sinkStates).set(state).where(ofSink(sink))
    const data = { wasOff: offSince !== null, parked: waiting.length }
    await ledger.append(tx, [lineOf('sink.retried', sink, chain ?? INSTALLATION, data, change)], change.at)
    return data
  })
}

/** Gives up the parked lines of the choice; one line of each chain says which. Throws `NotThere`. Returns how many. */
export function dropParked(ledger: Recording, choice: Choice, change: Change): Promise<number> {
  return transact(ledger.db, async (tx) => {
    await lockSink(tx, choice.sink)
    const { guildId, seq } = parkedLines
    const rows = await tx.delete(parkedLines).where(chosen(choice)).returning({ guildId, seq })
    if (choice.seq !== null && rows.length === 0) throw notParked(choice)
    const byChain = Map.groupBy(rows, (row) => row.guildId)
    const lines = [...byChain].map(([chain, ofChain]) => {
      const numbers = ofChain.map((row) => row.seq).sort((one, other) => one - other)
      const data = { parked: numbers.slice(0, MAX_NAMED), count: numbers.length }
      return lineOf('sink.dropped', choice.sink, chain, data, change)
    })
    await ledger.append(tx, lines, change.at)
    return rows.length
  })
}

/** Gives up what waits for the sink: its place is now the end of each chain chosen. Returns how many lines that were. */
export function dropWaiting(ledger: Recording, { sink, chain }: Choice, change: Change): Promise<number> {
  return transact(ledger.db, async (tx) => {
    await lockSink(tx, sink)
    const skipped = await skip(tx, sink, chain)
    const lines = skipped.map(({ guildId, from, to }) =>
      lineOf('sink.dropped', sink, guildId, { waiting: { from: from + 1, to }, count: to - from }, change),
    )
    await tx.update(sinkStates).set({ retriedAt: sql`clock_timestamp()` }).where(ofSink(sink))
    await ledger.append(tx, lines, change.at)
    return skipped.reduce((all, { from, to }) => all + to - from, 0)
  })
}

/** Lets go of a sink that is set no more: its place in the record, and what it refused. Throws `NotThere`. */
export function forgetSink(ledger: Recording, sink: string, change: Change): Promise<void> {
  return transact(ledger.db, async (tx) => {
    await lockSink(tx, sink)
    const parked = await tx.delete(parkedLines).where(eq(parkedLines.sink, sink)).returning({ seq: parkedLines.seq })
    await tx.delete(sinkCursors).where(eq(sinkCursors.sink, sink))
    await tx.delete(sinkStates).where(ofSink(sink))
    await ledger.append(
      tx,
      [lineOf('sink.forgotten', sink, INSTALLATION, { parked: parked.length }, change)],
      change.at,
    )
  })
}

async function skip(tx: Db, sink: string, chain: string | null) {
  const { guildId, seq } = trailHeads
  const heads = await tx
    .select({ guildId, to: seq })
    .from(trailHeads)
    .where(chain === null ? undefined : eq(guildId, chain))
    .orderBy(asc(guildId))
  const own = await tx.select().from(sinkCursors).where(eq(sinkCursors.sink, sink)).for('update')
  const from = new Map(own.map((row) => [row.guildId, row.seq]))
  const skipped = heads
    .map((head) => ({ ...head, from: from.get(head.guildId) ?? 0 }))
    .filter((one) => one.from < one.to)
  for (const { guildId: of, to } of skipped) {
    const moved = { target: [sinkCursors.guildId, sinkCursors.sink], set: { seq: to } }
    await tx.insert(sinkCursors).values({ guildId: of, sink, seq: to }).onConflictDoUpdate(moved)
  }
  return skipped
}

const ofSink = (sink: string) => and(eq(sinkStates.guildId, INSTALLATION), eq(sinkStates.sink, sink))

const chosen = ({ sink, chain, seq }: Choice) =>
  and(
    eq(parkedLines.sink, sink),
    chain === null ? undefined : eq(parkedLines.guildId, chain),
    seq === null ? undefined : eq(parkedLines.seq, seq),
  )

async function lockSink(tx: Db, sink: string): Promise<typeof sinkStates.$inferSelect> {
  const [state] = await tx.select().from(sinkStates).where(ofSink(sink)).for('update')
  if (state) return state
  const known = await tx.select({ sink: sinkStates.sink }).from(sinkStates).orderBy(asc(sinkStates.sink))
  const names = known.map((row) => row.sink).join(', ')
  throw new NotThere(
    names === ''
      ? 'There is no sink: the bot has not run yet with one. Nothing was changed. docs/events.md says how to set one.'
      : `There is no sink of that name. Nothing was changed. There are: ${names}.`,
  )
}

const notParked = ({ sink, seq }: Choice): Refusal =>
  new NotThere(
    `Line ${seq} is not parked at ${sink}, or waits for another try already. Nothing was changed. rolecall sinks status lists what is parked.`,
  )

function lineOf(type: string, sink: string, chain: string, data: TrailDraft['data'] & {}, change: Change): TrailDraft {
  const guildId = chain === INSTALLATION ? null : chain
  return { ...byWhom(change), guildId, type, subject: `sink:${sink}`, data }
}
