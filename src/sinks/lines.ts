import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import type { Db } from '#src/store/handle.ts'
import { INSTALLATION, trail, trailHeads, trailTexts } from '#src/store/schema/trail.ts'
import type { SentLine } from './envelope.ts'

// The record as the relay reads it: chain by chain, oldest line first, what people typed beside it.

const COLUMNS = {
  ...{ guildId: trail.guildId, seq: trail.seq, id: trail.id, at: trail.at, type: trail.type, actor: trail.actor },
  ...{ subject: trail.subject, cause: trail.cause, run: trail.run, data: trail.data },
}

type Row = Omit<typeof trail.$inferSelect, 'prevHash' | 'hash'>

/** The number of the last line of each chain. */
export async function findHeads(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db.select({ chain: trailHeads.guildId, seq: trailHeads.seq }).from(trailHeads)
  return new Map(rows.map(({ chain, seq }) => [chain, seq]))
}

/** At most so many lines of the chain that come after this number. */
export async function linesAfter(db: Db, chain: string, after: number, limit: number): Promise<readonly SentLine[]> {
  const wanted = and(eq(trail.guildId, chain), gt(trail.seq, after))
  return withTexts(db, chain, await db.select(COLUMNS).from(trail).where(wanted).orderBy(asc(trail.seq)).limit(limit))
}

/** The lines of these numbers that are there. */
export async function linesOf(db: Db, chain: string, numbers: readonly number[]): Promise<readonly SentLine[]> {
  const wanted = and(eq(trail.guildId, chain), inArray(trail.seq, [...numbers]))
  return withTexts(db, chain, await db.select(COLUMNS).from(trail).where(wanted).orderBy(asc(trail.seq)))
}

async function withTexts(db: Db, chain: string, rows: readonly Row[]): Promise<readonly SentLine[]> {
  const ids = rows.filter(({ data }) => (data as SentLine['data']).texts !== undefined).map(({ id }) => id)
  const texts = await textsOf(db, chain, ids)
  return rows.map(({ guildId, data, ...row }) => ({
    ...row,
    guildId: guildId === INSTALLATION ? null : guildId,
    data: data as SentLine['data'],
    texts: texts.get(row.id) ?? NONE,
  }))
}

const NONE: ReadonlyMap<string, string> = new Map()

async function textsOf(
  db: Db,
  chain: string,
  lineIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  if (lineIds.length === 0) return new Map()
  const { guildId, lineId, name, text } = trailTexts
  const rows = await db
    .select({ lineId, name, text })
    .from(trailTexts)
    .where(and(eq(guildId, chain), inArray(lineId, [...lineIds])))
  const byLine = Map.groupBy(rows, (row) => row.lineId)
  return new Map([...byLine].map(([id, ofLine]) => [id, new Map(ofLine.map((row) => [row.name, row.text]))]))
}
