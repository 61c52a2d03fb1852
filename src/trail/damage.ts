import { and, eq, gt, max, sql } from 'drizzle-orm'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Db } from '#src/store/handle.ts'
import { INSTALLATION, trail, trailHeads } from '#src/store/schema/trail.ts'
import { truncationOf } from './truncation.ts'

// A record whose end is gone: each chain's head says how many lines were written, apart from the lines themselves.

export interface Damage {
  /** A guild's id, or `installation`. */
  readonly chain: string
  /** Lines that were written. */
  readonly written: number
  /** The number of the last line that is there; 0: none is. */
  readonly left: number
}

/** The chains whose last line is gone, or is another than the one that was written. Looks at one line of each. */
export async function findDamage(db: Db): Promise<readonly Damage[]> {
  const last = and(eq(trail.guildId, trailHeads.guildId), eq(trail.seq, trailHeads.seq))
  const rows = await db
    .select({ chain: trailHeads.guildId, written: trailHeads.seq })
    .from(trailHeads)
    .leftJoin(trail, last)
    .where(and(gt(trailHeads.seq, 0), sql`${trail.hash} is distinct from ${trailHeads.hash}`))
    .orderBy(trailHeads.guildId)
  return await Promise.all(rows.map(async (row) => ({ ...row, left: await lastOf(db, row.chain) })))
}

async function lastOf(db: Db, chain: string): Promise<number> {
  const [row] = await db
    .select({ last: max(trail.seq) })
    .from(trail)
    .where(eq(trail.guildId, chain))
  // What was removed since it was old is not gone.
  return Number(row?.last ?? (await truncationOf(db, chain))?.size ?? 0)
}

/** `The whole installation: 40 lines were written, and the last that is left is number 12` */
export const damageWords = ({ chain, written, left }: Damage): string =>
  `${chain === INSTALLATION ? 'The whole installation' : `Server ${chain}`}: ${written.toLocaleString('en')} lines were written, and ${
    left === 0
      ? 'none is left'
      : left < written
        ? `the last that is left is number ${left.toLocaleString('en')}`
        : 'the last is another than the one that was written'
  }`

/** What goes into a damaged chain when somebody goes on with what is left of it: the gap stays, and a line after it says who knew. */
export const gapAccepted = ({ chain, written, left }: Damage, actor: Actor, reason: string): TrailDraft => ({
  guildId: chain === INSTALLATION ? null : chain,
  type: 'trail.gap_accepted',
  actor,
  subject: `trail:${chain}`,
  data: { written, left },
  texts: { reason },
})
