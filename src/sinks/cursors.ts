import { and, eq, isNull, sql } from 'drizzle-orm'
import type { SinkSettings } from '#src/core/sink-plan.ts'
import type { Db } from '#src/store/handle.ts'
import { installations, parkedLines, sinkCursors, sinkStates } from '#src/store/schema/sinks.ts'
import { INSTALLATION, trailHeads } from '#src/store/schema/trail.ts'

// How far each sink has got: written by the bot that leads, and by an operator at the console.

export interface SinkState {
  readonly isOff: boolean
  readonly isTroubled: boolean
  /** Milliseconds since the epoch; null: nobody ever asked for another try. */
  readonly retriedAt: number | null
}

/** The name by which others know this installation. */
export async function installationId(db: Db): Promise<string> {
  const [row] = await db.select().from(installations)
  return row!.id
}

/** Makes a sink known where it is new, with its place in every chain that there is by now. */
export async function meet(db: Db, sink: string, from: SinkSettings['from'], at: number): Promise<void> {
  await db.transaction(async (tx) => {
    const state = { guildId: INSTALLATION, sink, since: at }
    const met = await tx.insert(sinkStates).values(state).onConflictDoNothing().returning()
    if (met.length === 0) return
    const heads = await tx.select().from(trailHeads)
    const begun = heads.map(({ guildId, seq }) => ({ guildId, sink, seq: from === 'start' ? 0 : seq }))
    if (begun.length > 0) await tx.insert(sinkCursors).values(begun).onConflictDoNothing()
  })
}

export async function findStates(db: Db): Promise<ReadonlyMap<string, SinkState>> {
  const rows = await db.select().from(sinkStates)
  return new Map(
    rows.map(({ sink, offSince, trouble, retriedAt }) => [
      sink,
      { isOff: offSince !== null, isTroubled: trouble !== null, retriedAt },
    ]),
  )
}

/** The number of the last line of each chain that this sink has behind it; a chain that is not here begins at 0. */
export async function findCursors(db: Db, sink: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db.select().from(sinkCursors).where(eq(sinkCursors.sink, sink))
  return new Map(rows.map(({ guildId, seq }) => [guildId, seq]))
}

export interface Parked {
  readonly seq: number
  readonly lineId: string
  readonly reason: string
}

export interface Step {
  readonly sink: string
  readonly chain: string
  readonly from: number
  readonly to: number
  /** Null where none of these lines was the sink's. */
  readonly deliveredAt: number | null
  readonly parked: readonly Parked[]
}

/** Moves a cursor on, together with the lines that are parked on the way. False, and nothing is written, where it stands elsewhere by now. */
export async function advance(db: Db, step: Step, at: number): Promise<boolean> {
  if (step.parked.length === 0) return await move(db, step)
  return await db.transaction(async (tx) => {
    if (!(await move(tx, step))) return false
    await park(tx, step.sink, step.chain, step.parked, at)
    return true
  })
}

async function move(db: Db, { sink, chain, from, to, deliveredAt }: Step): Promise<boolean> {
  const told = deliveredAt === null ? {} : { deliveredAt }
  if (from === 0) await db.insert(sinkCursors).values({ guildId: chain, sink, seq: 0 }).onConflictDoNothing()
  const own = and(eq(sinkCursors.guildId, chain), eq(sinkCursors.sink, sink), eq(sinkCursors.seq, from))
  const moved = db
    .update(sinkCursors)
    .set({ seq: to, ...told })
    .where(own)
  return (await moved.returning({ seq: sinkCursors.seq })).length > 0
}

async function park(tx: Db, sink: string, chain: string, parked: readonly Parked[], at: number): Promise<void> {
  const rows = parked.map((line) => ({ guildId: chain, sink, at, ...line }))
  const { guildId, sink: name, seq } = parkedLines
  const again = { reason: sql`excluded.reason`, at: sql`excluded.at`, wantedAt: null }
  await tx
    .insert(parkedLines)
    .values(rows)
    .onConflictDoUpdate({ target: [guildId, name, seq], set: again })
}

const ofSink = (sink: string) => and(eq(sinkStates.guildId, INSTALLATION), eq(sinkStates.sink, sink))

/** Switches a sink off until somebody has it tried again. */
export async function switchOff(db: Db, sink: string, why: string, at: number): Promise<void> {
  await db
    .update(sinkStates)
    .set({ offSince: at, offWhy: why })
    .where(and(ofSink(sink), isNull(sinkStates.offSince)))
}

/** Notes what went wrong, for whoever asks how the sink stands; the moment of the first trouble stays. */
export async function noteTrouble(db: Db, sink: string, trouble: string, at: number): Promise<void> {
  const since = sql`coalesce(${sinkStates.troubledSince}, ${sql.param(at, sinkStates.troubledSince)})`
  await db.update(sinkStates).set({ trouble, troubledSince: since }).where(ofSink(sink))
}

export async function clearTrouble(db: Db, sink: string): Promise<void> {
  await db.update(sinkStates).set({ trouble: null, troubledSince: null }).where(ofSink(sink))
}
