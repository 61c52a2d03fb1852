import { and, asc, eq, gt, lte } from 'drizzle-orm'
import type { Db } from '#src/store/handle.ts'
import { INSTALLATION, trail, trailHeads } from '#src/store/schema/trail.ts'
import type { ChainedLine } from './line.ts'

// The record as it stands in the database, chain by chain, oldest line first.

/** Lines in one statement, so that neither side holds a long chain at once. */
const PAGE = 2_000

export interface ChainHead {
  /** A guild's id, or `installation`. */
  readonly chain: string
  readonly seq: number
  readonly hash: string
}

/** What the database says is the last line of each chain, the installation's last. */
export async function chainHeads(db: Db): Promise<readonly ChainHead[]> {
  const rows = await db.select().from(trailHeads).where(gt(trailHeads.seq, 0)).orderBy(asc(trailHeads.guildId))
  return rows.map(({ guildId, seq, hash }) => ({ chain: guildId, seq, hash }))
}

/** The same of one chain that has lines. */
export async function headOf(db: Db, chain: string): Promise<ChainHead> {
  const [row] = await db.select().from(trailHeads).where(eq(trailHeads.guildId, chain))
  return { chain, seq: row!.seq, hash: row!.hash }
}

/** The chain's lines with numbers above `from`, up to `upTo`. */
export async function* chainLines(
  db: Db,
  chain: string,
  { from = 0, upTo }: { readonly from?: number; readonly upTo: number },
): AsyncGenerator<ChainedLine, void> {
  const { guildId, seq } = trail
  for (let after = from; ; ) {
    const wanted = and(eq(guildId, chain), gt(seq, after), lte(seq, upTo))
    const page = await db.select().from(trail).where(wanted).orderBy(asc(seq)).limit(PAGE)
    for (const row of page) yield toLine(row)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = last.seq
  }
}

const toLine = ({ guildId, data, ...row }: typeof trail.$inferSelect): ChainedLine => ({
  ...row,
  guildId: guildId === INSTALLATION ? null : guildId,
  data: data as ChainedLine['data'],
})
