import { desc, eq } from 'drizzle-orm'
import type { Db } from '#src/store/handle.ts'
import { INSTALLATION, trailTruncations } from '#src/store/schema/trail.ts'
import type { Chain } from './check.ts'
import { treeOf } from './peaks.ts'
import type { Truncation } from './written.ts'

// Where a chain begins of which the oldest lines were removed.

/** Null for a chain that has its first line still. */
export async function truncationOf(db: Db, chain: string): Promise<(Truncation & { readonly size: number }) | null> {
  const { guildId, size, head, peaks, note } = trailTruncations
  const newest = db.select({ size, head, peaks, note }).from(trailTruncations).where(eq(guildId, chain))
  const [row] = await newest.orderBy(desc(size)).limit(1)
  return row ?? null
}

/** The chain as it was when the last of the removed lines was its last; null where what is kept of it does not fit itself. Looks at no signature. */
export function chainAfter(chain: string, { head, peaks, note }: Truncation): Chain | null {
  const tree = treeOf(note, peaks)
  return tree && { guildId: chain === INSTALLATION ? null : chain, tree, head }
}
