import { and, asc, eq, inArray, isNotNull } from 'drizzle-orm'
import type { Db } from '#src/store/handle.ts'
import { parkedLines } from '#src/store/schema/sinks.ts'
import type { Parked } from './cursors.ts'

// Lines that were refused once, and that somebody wants to be tried again.

export interface WantedLines {
  readonly chain: string
  readonly numbers: readonly number[]
}

/** The first parked lines of one chain that are to be tried again; null where there are none. */
export async function wantedAgain(db: Db, sink: string, limit: number): Promise<WantedLines | null> {
  const { guildId, seq } = parkedLines
  const wanted = and(eq(parkedLines.sink, sink), isNotNull(parkedLines.wantedAt))
  const rows = await db
    .select({ guildId, seq })
    .from(parkedLines)
    .where(wanted)
    .orderBy(asc(guildId), asc(seq))
    .limit(limit)
  const chain = rows[0]?.guildId
  if (chain === undefined) return null
  return { chain, numbers: rows.filter((row) => row.guildId === chain).map((row) => row.seq) }
}

/** What came of a second try: those that were taken are parked no more, the others are with a new reason. */
export async function settleAgain(
  db: Db,
  sink: string,
  { chain, numbers }: WantedLines,
  refused: readonly Parked[],
  at: number,
): Promise<void> {
  const stays = new Map(refused.map((line) => [line.seq, line.reason]))
  const taken = numbers.filter((seq) => !stays.has(seq))
  const ofChain = and(eq(parkedLines.guildId, chain), eq(parkedLines.sink, sink))
  await db.transaction(async (tx) => {
    if (taken.length > 0) await tx.delete(parkedLines).where(and(ofChain, inArray(parkedLines.seq, taken)))
    for (const [seq, reason] of stays)
      await tx
        .update(parkedLines)
        .set({ reason, at, wantedAt: null })
        .where(and(ofChain, eq(parkedLines.seq, seq)))
  })
}
