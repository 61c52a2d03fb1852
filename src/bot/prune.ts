import type { KeyObject } from 'node:crypto'
import type { Id } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'
import { guildIds } from '#src/store/guilds.ts'
import type { Db } from '#src/store/handle.ts'
import { type Counts, countOld, removeOld } from '#src/store/retention.ts'
import type { Append } from '#src/trail/append.ts'
import { TrailFault } from '#src/trail/check.ts'
import { type Cut, decideCut, findCuts, removeCut, truncatedChains } from '#src/trail/prune.ts'

// What is older than it is to be kept goes: rows of each guild, and the oldest lines of each chain.

export const DAY_MS = 86_400_000

export interface Pruning {
  readonly db: Db
  readonly append: Append
  /** Signs nothing; says which checkpoints are this installation's. */
  readonly key: KeyObject
  /** How long is kept what has its time; null: for ever. */
  readonly days: number | null
  readonly now: number
}

export interface Doing {
  readonly actor: Actor
  readonly signal: AbortSignal
  /** A sentence now and then. */
  readonly onProgress: (words: string) => void
  /** A chain that was altered is not cut: it would be lost that it was. */
  readonly onFault: (chain: string, fault: TrailFault) => void
}

export interface Old {
  readonly rows: ReadonlyMap<Id, Counts>
  readonly cuts: readonly Cut[]
}

const retentionOf = ({ days, now }: Pruning) => ({ before: days === null ? null : now - days * DAY_MS, now })

/** What would go. */
export async function findOld(pruning: Pruning): Promise<Old> {
  const { db, key } = pruning
  const retention = retentionOf(pruning)
  const rows = new Map<Id, Counts>()
  for (const guildId of await guildIds(db)) rows.set(guildId, await countOld(db, guildId, retention))
  return { rows, cuts: retention.before === null ? [] : await findCuts(db, key, retention.before) }
}

/** Lets it go, in small steps; stops between two of them where the signal says so. Returns what went. */
export async function prune(pruning: Pruning, doing: Doing): Promise<Old> {
  const { db, append } = pruning
  const rows = new Map<Id, Counts>()
  for (const guildId of await guildIds(db)) {
    if (doing.signal.aborted) break
    doing.onProgress(`Server ${guildId}: what is older than it is kept`)
    const ledger = { db, append, copies: false }
    rows.set(guildId, await removeOld(ledger, guildId, retentionOf(pruning), doing.actor, doing.signal))
  }
  return { rows, cuts: await cutAll(pruning, doing) }
}

async function cutAll(pruning: Pruning, doing: Doing): Promise<readonly Cut[]> {
  const { before } = retentionOf(pruning)
  const { db, key } = pruning
  const done: Cut[] = []
  for (const cut of before === null ? [] : await findCuts(db, key, before))
    if (!doing.signal.aborted && (await decided(pruning, doing, cut))) done.push(cut)
  // Those of an earlier time too, where a bot was ended in the middle.
  for (const chain of before === null ? [] : await truncatedChains(db)) {
    const say = (lines: number) => doing.onProgress(`${lines.toLocaleString('en')} lines of the record removed`)
    await removeCut(db, chain, say, doing.signal)
  }
  return done
}

async function decided({ db, append, now }: Pruning, { actor, onFault }: Doing, cut: Cut): Promise<boolean> {
  try {
    return await decideCut(db, append, cut, actor, now)
  } catch (error) {
    if (!(error instanceof TrailFault)) throw error
    onFault(cut.chain, error)
    return false
  }
}
