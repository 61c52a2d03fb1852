import { and, eq, isNull, min } from 'drizzle-orm'
import type { Db } from '#src/store/handle.ts'
import { parkedLines, sinkCursors, sinkStates } from '#src/store/schema/sinks.ts'

/** The number of the last line of a chain that no sink needs any more: it was given that and all before it, and none of them is parked. Null where none reads it. */
export async function neededByNone(db: Db, chain: string): Promise<number | null> {
  const [given] = await db
    .select({ seq: min(sinkCursors.seq) })
    .from(sinkCursors)
    .where(eq(sinkCursors.guildId, chain))
  const [parked] = await db
    .select({ seq: min(parkedLines.seq) })
    .from(parkedLines)
    .where(eq(parkedLines.guildId, chain))
  const begun = (await isToBegin(db, chain)) ? 0 : null
  const ends = [begun, given?.seq ?? null, parked?.seq ? parked.seq - 1 : null].filter((seq) => seq !== null)
  return ends.length > 0 ? Math.min(...ends) : null
}

/** Whether there is a sink that has no cursor in the chain: it begins there with the first line. */
async function isToBegin(db: Db, chain: string): Promise<boolean> {
  const own = and(eq(sinkCursors.sink, sinkStates.sink), eq(sinkCursors.guildId, chain))
  const without = db.select({ sink: sinkStates.sink }).from(sinkStates).leftJoin(sinkCursors, own)
  return (await without.where(isNull(sinkCursors.sink)).limit(1)).length > 0
}
