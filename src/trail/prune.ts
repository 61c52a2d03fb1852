import type { KeyObject } from 'node:crypto'
import { and, desc, eq, gt, lte, sql } from 'drizzle-orm'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Db } from '#src/store/handle.ts'
import { INSTALLATION, trailCheckpoints, trailTruncations } from '#src/store/schema/trail.ts'
import type { Append } from './append.ts'
import { TrailCheck, TrailFault } from './check.ts'
import { openCheckpoint } from './checkpoint.ts'
import { treeOf } from './peaks.ts'
import { neededByNone } from './readers.ts'
import { chainHeads, chainLines } from './reading.ts'
import { chainAfter, truncationOf } from './truncation.ts'
import { writtenLine } from './written.ts'

// The record's oldest lines are removed up to a signed checkpoint: what is left begins with what the checkpoint says of them.

/** Lines in one statement, so that nobody waits long for the table. */
const AT_ONCE = 1_000

/** What can be removed of a chain. */
export interface Cut {
  /** A guild's id, or `installation`. */
  readonly chain: string
  /** The number of the last line that goes. */
  readonly upTo: number
  readonly lines: number
  readonly checkpoint: typeof trailCheckpoints.$inferSelect
}

/** What of the record is older than `before` (ms since the epoch), up to a checkpoint of this key; nothing that a sink was not given yet. */
export async function findCuts(db: Db, key: KeyObject, before: number): Promise<readonly Cut[]> {
  const cuts: Cut[] = []
  for (const { chain } of await chainHeads(db)) {
    const from = (await truncationOf(db, chain))?.size ?? 0
    const upTo = (await neededByNone(db, chain)) ?? Number.MAX_SAFE_INTEGER
    const checkpoint = await newestBefore(db, chain, before, from, upTo)
    if (checkpoint && openCheckpoint(checkpoint.note, key))
      cuts.push({ chain, upTo: checkpoint.size, lines: checkpoint.size - from, checkpoint })
  }
  return cuts
}

async function newestBefore(db: Db, chain: string, before: number, from: number, upTo: number) {
  const { guildId, at, size } = trailCheckpoints
  const old = and(eq(guildId, chain), lte(at, before), gt(size, from), lte(size, upTo))
  const [row] = await db.select().from(trailCheckpoints).where(old).orderBy(desc(size)).limit(1)
  return row ?? null
}

/**
 * Says in the record that these lines are removed, once each of them was found to be what the checkpoint is over: throws `TrailFault` where one is not,
 * since it would be lost that it was altered. They are gone once `removeCut` was there. False where somebody else was quicker.
 */
export async function decideCut(db: Db, append: Append, cut: Cut, actor: Actor, at: number): Promise<boolean> {
  const { chain, upTo, lines, checkpoint } = cut
  const truncation = await truncationOf(db, chain)
  if (truncation && truncation.size >= upTo) return false
  await mustHold(db, cut, truncation)
  const { head, peaks, note } = checkpoint
  return await db.transaction(async (tx) => {
    const row = { guildId: chain, size: upTo, at, actor, removed: lines, head, peaks, note }
    const decided = await tx
      .insert(trailTruncations)
      .values(row)
      .onConflictDoNothing()
      .returning({ size: trailTruncations.size })
    if (decided.length > 0) await append(tx, [truncatedLine(cut, actor)], at)
    return decided.length > 0
  })
}

function truncatedLine({ chain, upTo, lines, checkpoint: { head, note, at } }: Cut, actor: Actor): TrailDraft {
  const guildId = chain === INSTALLATION ? null : chain
  const data = { size: upTo, removed: lines, head, note, before: new Date(at).toISOString() }
  return { guildId, type: 'trail.truncated', actor, subject: `trail:${chain}`, data }
}

async function mustHold(
  db: Db,
  { chain, upTo, checkpoint }: Cut,
  truncation: Awaited<ReturnType<typeof truncationOf>>,
): Promise<void> {
  const check = new TrailCheck(null, {}, truncation && chainAfter(chain, truncation))
  for await (const line of chainLines(db, chain, { from: truncation?.size ?? 0, upTo }))
    check.take(Buffer.from(writtenLine(line)))
  const root = treeOf(checkpoint.note, checkpoint.peaks)?.root()
  const isSame = root && check.chain?.tree.size === upTo && check.chain.tree.root().equals(root)
  if (!isSame)
    throw new TrailFault(upTo, `The lines up to ${upTo.toLocaleString('en')} are not those that were signed.`)
}

/** Takes away what was decided to go, and what a bot that was ended in the middle had left; a bounded number of lines a statement. Returns how many went. */
export async function removeCut(
  db: Db,
  chain: string,
  onRemoved: (lines: number) => void,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0
  while (!signal.aborted) {
    const [row] = await db.execute<{ lines: number }>(sql`select trail_truncate(${chain}, ${AT_ONCE})::float8 as lines`)
    const lines = row?.lines ?? 0
    if (lines === 0) break
    removed += lines
    onRemoved(removed)
  }
  return removed
}

/** The chains of which lines were decided to go, and may be there still. */
export async function truncatedChains(db: Db): Promise<readonly string[]> {
  const rows = await db.selectDistinct({ chain: trailTruncations.guildId }).from(trailTruncations)
  return rows.map(({ chain }) => chain)
}
