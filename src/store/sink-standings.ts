import { and, asc, count, eq, max, sql, sum } from 'drizzle-orm'
import type { ParkedLine, SinkStanding } from '#src/core/sink-standing.ts'
import type { Db } from './handle.ts'
import { parkedLines, sinkCursors, sinkStates } from './schema/sinks.ts'
import { INSTALLATION, trailHeads } from './schema/trail.ts'
import { read } from './transact.ts'

/** What of each sink is looked at. */
export interface StandingsOf {
  /** One chain alone; left out: all. */
  readonly chain?: string
  /** Parked lines shown of each; the rest is counted. */
  readonly parked: number
}

/** How every sink stands that there ever was, by name. Three questions and one a sink: cheap enough to ask often. */
export async function sinkStandings(db: Db, { chain, parked }: StandingsOf): Promise<readonly SinkStanding[]> {
  const states = await read(db.select().from(sinkStates).orderBy(asc(sinkStates.sink)))
  const places = await placesOf(db, chain)
  const counted = await countParked(db, chain)
  const standings: SinkStanding[] = []
  for (const { sink: name, offSince, offWhy, trouble, troubledSince } of states) {
    const { lag = 0, deliveredAt = null } = places.get(name) ?? {}
    const inAll = counted.get(name) ?? 0
    standings.push({
      name,
      lag,
      deliveredAt,
      parked: inAll,
      firstParked: inAll === 0 || parked === 0 ? [] : await firstParked(db, name, chain, parked),
      off: offSince === null ? null : { since: offSince, why: offWhy ?? '' },
      trouble: troubledSince === null ? null : { since: troubledSince, what: trouble ?? '' },
    })
  }
  return standings
}

type Places = ReadonlyMap<string, { readonly lag: number; readonly deliveredAt: number | null }>

async function placesOf(db: Db, chain: string | undefined): Promise<Places> {
  const { guildId, seq } = trailHeads
  const own = and(eq(sinkCursors.guildId, guildId), eq(sinkCursors.sink, sinkStates.sink))
  const behind = db
    .select({
      sink: sinkStates.sink,
      lag: sum(sql`${seq} - coalesce(${sinkCursors.seq}, 0)`).mapWith(Number),
      deliveredAt: max(sinkCursors.deliveredAt),
    })
    .from(sinkStates)
    .innerJoin(trailHeads, chain === undefined ? sql`true` : eq(guildId, chain))
    .leftJoin(sinkCursors, own)
    .groupBy(sinkStates.sink)
  return new Map((await read(behind)).map(({ sink, ...place }) => [sink, place]))
}

async function countParked(db: Db, chain: string | undefined): Promise<ReadonlyMap<string, number>> {
  const { sink, guildId } = parkedLines
  const inAll = db.select({ sink, lines: count() }).from(parkedLines)
  const rows = await read(inAll.where(chain === undefined ? undefined : eq(guildId, chain)).groupBy(sink))
  return new Map(rows.map((row) => [row.sink, row.lines]))
}

async function firstParked(
  db: Db,
  sink: string,
  chain: string | undefined,
  limit: number,
): Promise<readonly ParkedLine[]> {
  const { guildId, seq, at } = parkedLines
  const ofChain = chain === undefined ? undefined : eq(guildId, chain)
  const own = db
    .select()
    .from(parkedLines)
    .where(and(eq(parkedLines.sink, sink), ofChain))
  const rows = await read(own.orderBy(asc(at), asc(guildId), asc(seq)).limit(limit))
  return rows.map(({ wantedAt, lineId: _, sink: __, ...row }) => ({
    ...row,
    guildId: row.guildId === INSTALLATION ? null : row.guildId,
    isWanted: wantedAt !== null,
  }))
}
