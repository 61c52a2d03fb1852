import type { KeyObject } from 'node:crypto'
import { and, desc, eq, gt, isNull, lt, lte, or, sql } from 'drizzle-orm'
import type { Db } from '#src/store/handle.ts'
import { INSTALLATION, trail, trailCheckpoints, trailHeads } from '#src/store/schema/trail.ts'
import { type Chain, TrailCheck } from './check.ts'
import { type Checkpoint, openCheckpoint, originOf, signCheckpoint } from './checkpoint.ts'
import { cutOff } from './export.ts'
import { FIRST_HASH } from './line.ts'
import { MerkleTree } from './merkle.ts'
import { treeOf, writtenPeaks } from './peaks.ts'
import { type ChainHead, chainLines } from './reading.ts'
import { chainAfter, truncationOf } from './truncation.ts'
import { writtenLine } from './written.ts'

// Checkpoints that are made as the record grows, so that whoever keeps one elsewhere can show later what it was.

/** So many lines, or any at all after so long, want a checkpoint. */
const LINES = 1_000
const HOUR_MS = 3_600_000

/** The chains of which a checkpoint is due at this moment (ms since the epoch), a bounded number at once. */
export async function dueChains(db: Db, now: number, limit: number): Promise<readonly ChainHead[]> {
  const { guildId, seq, hash } = trailHeads
  const last = db
    .selectDistinctOn([trailCheckpoints.guildId], {
      guildId: trailCheckpoints.guildId,
      size: trailCheckpoints.size,
      at: trailCheckpoints.at,
    })
    .from(trailCheckpoints)
    .orderBy(trailCheckpoints.guildId, desc(trailCheckpoints.size))
    .as('last')
  const hasGrown = gt(seq, sql`coalesce(${last.size}, 0)`)
  const isDue = or(isNull(last.size), gt(seq, sql`${last.size} + ${LINES - 1}`), lte(last.at, now - HOUR_MS))
  return await db
    .select({ chain: guildId, seq, hash })
    .from(trailHeads)
    .leftJoin(last, eq(last.guildId, guildId))
    .where(and(hasGrown, isDue))
    .orderBy(guildId)
    .limit(limit)
}

/**
 * Signs the chain as it is up to this head, keeps the checkpoint and returns its note. The lines since the last one are checked as whoever verifies an export will; throws
 * `TrailFault` where they do not hold, and signs nothing.
 */
export async function makeCheckpoint(db: Db, head: ChainHead, key: KeyObject, at: number): Promise<string> {
  const known = await knownOf(db, head.chain, key)
  const check = new TrailCheck(key, {}, known)
  for await (const line of chainLines(db, head.chain, { from: known?.tree.size ?? 0, upTo: head.seq }))
    check.take(Buffer.from(writtenLine(line)))
  const { tree, head: hash } = check.chain ?? { tree: new MerkleTree(), head: FIRST_HASH }
  if (tree.size !== head.seq || hash !== head.hash) throw cutOff(head, tree.size)
  const note = signCheckpoint({ origin: originOf(head.chain, key), size: tree.size, root: tree.root() }, key)
  const peaks = writtenPeaks(tree)
  // Two at once come to the same.
  await db
    .insert(trailCheckpoints)
    .values({ guildId: head.chain, size: tree.size, at, head: hash, peaks, note })
    .onConflictDoNothing()
  return note
}

/** Whether another key than this one has signed the newest checkpoint of the whole installation's chain, in which a new key is announced. */
export async function isSignedByAnother(db: Db, key: KeyObject): Promise<boolean> {
  const { note, guildId, size } = trailCheckpoints
  const ofInstallation = db.select({ note }).from(trailCheckpoints).where(eq(guildId, INSTALLATION))
  const [last] = await ofInstallation.orderBy(desc(size)).limit(1)
  return last !== undefined && openCheckpoint(last.note, key) === null
}

/** The checkpoints that are kept in the database and that this key has signed. */
export async function keptCheckpoints(db: Db, key: KeyObject): Promise<readonly Checkpoint[]> {
  const rows = await db.select({ note: trailCheckpoints.note }).from(trailCheckpoints)
  return rows.flatMap(({ note }) => openCheckpoint(note, key) ?? [])
}

/** What need not be read again: up to the last checkpoint, or else the lines that were removed. */
async function knownOf(db: Db, chain: string, key: KeyObject): Promise<Chain | null> {
  const [last, truncation] = [await lastOf(db, chain, key), await truncationOf(db, chain)]
  if (truncation === null || (last && last.tree.size >= truncation.size)) return last
  return chainAfter(chain, truncation)
}

/**
 * The chain as the last checkpoint has it; null where there is none, or another key has signed it: then all is checked from the first line on.
 * A checkpoint over lines that were lost since is none to go on from: whoever verifies has them as blanks.
 */
async function lastOf(db: Db, chain: string, key: KeyObject, upTo = Number.MAX_SAFE_INTEGER): Promise<Chain | null> {
  const { guildId, size } = trailCheckpoints
  const wanted = and(eq(guildId, chain), lte(size, upTo))
  const [row] = await db.select().from(trailCheckpoints).where(wanted).orderBy(desc(size)).limit(1)
  if (!row) return null
  const left = await leftBelow(db, chain, row.size)
  return left === null ? opened(row, key) : lastOf(db, chain, key, left)
}

function opened(row: typeof trailCheckpoints.$inferSelect, key: KeyObject): Chain | null {
  const signed = openCheckpoint(row.note, key)
  if (signed === null || signed.size !== row.size) return null
  const tree = treeOf(row.note, row.peaks)
  return tree && { guildId: row.guildId === INSTALLATION ? null : row.guildId, tree, head: row.head }
}

/** How many of the first so many lines are as they were written where some were lost or replaced, and somebody has gone on; null where all are. */
async function leftBelow(db: Db, chain: string, size: number): Promise<number | null> {
  const [last, written] = [sql`(${trail.data} ->> 'left')::float8`, sql`(${trail.data} ->> 'written')::float8`]
  const left = sql<number>`case when ${last} = ${written} then ${last} - 1 else ${last} end`
  const lost = and(
    eq(trail.guildId, chain),
    eq(trail.subject, `trail:${chain}`),
    eq(trail.type, 'trail.gap_accepted'),
    gt(trail.seq, size),
    lt(left, size),
  )
  const [gap] = await db.select({ left }).from(trail).where(lost).orderBy(left).limit(1)
  return gap?.left ?? null
}
