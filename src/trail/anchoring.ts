import { and, inArray, isNotNull, min, sql } from 'drizzle-orm'
import type { Db } from '#src/store/handle.ts'
import { trailAnchors, trailCheckpoints, trailHeads } from '#src/store/schema/trail.ts'
import { type Anchor, AnchorTrouble } from './anchor.ts'

// Every checkpoint goes to every anchor, those of a chain in their order. One may come twice, where the program ends between the giving and the noting of it.

/** Checkpoints in one turn; those that are left come in the next. */
const AT_ONCE = 100

interface Waiting extends Record<string, unknown> {
  readonly chain: string
  readonly size: number
  readonly note: string
}

/** What became of a turn. `failed`: why the anchor took no more, and since when, ms since the epoch. */
export interface Anchored {
  readonly kept: number
  readonly failed: { readonly since: number; readonly problem: string } | null
}

/** Gives the anchor what it was not given yet, up to the first that it does not take: what comes after waits for that one. */
export async function giveTo(db: Db, anchor: Anchor, now: () => number, signal: AbortSignal): Promise<Anchored> {
  let kept = 0
  for (const { chain, size, note } of await waitingFor(db, anchor)) {
    if (signal.aborted) break
    try {
      await anchor.keep(note, signal)
    } catch (error) {
      if (!(error instanceof AnchorTrouble)) throw error
      if (signal.aborted) break
      return { kept, failed: await noteFailure(db, anchor, chain, error.message, now()) }
    }
    await noteKept(db, anchor, chain, size, now())
    kept += 1
  }
  return { kept, failed: null }
}

async function waitingFor(db: Db, { name }: Anchor): Promise<readonly Waiting[]> {
  const rows = await db.execute<Waiting>(sql`
    select c.guild_id as chain, c.size::float8 as size, c.note
    from ${trailHeads} h
    left join ${trailAnchors} a on a.guild_id = h.guild_id and a.anchor = ${name}
    cross join lateral (
      select * from ${trailCheckpoints} k where k.guild_id = h.guild_id and k.size > coalesce(a.size, 0) order by k.size limit ${AT_ONCE}
    ) c
    order by c.guild_id, c.size limit ${AT_ONCE}`)
  return [...rows]
}

async function noteKept(db: Db, { name }: Anchor, chain: string, size: number, at: number): Promise<void> {
  const row = { size, at, failingSince: null, problem: null }
  await db
    .insert(trailAnchors)
    .values({ guildId: chain, anchor: name, ...row })
    .onConflictDoUpdate({ target: [trailAnchors.guildId, trailAnchors.anchor], set: row })
}

async function noteFailure(db: Db, { name }: Anchor, chain: string, problem: string, at: number) {
  const [row] = await db
    .insert(trailAnchors)
    .values({ guildId: chain, anchor: name, size: 0, at, failingSince: at, problem })
    .onConflictDoUpdate({
      target: [trailAnchors.guildId, trailAnchors.anchor],
      set: { failingSince: sql`coalesce(${trailAnchors.failingSince}, excluded.failing_since)`, problem },
    })
    .returning()
  return { since: row!.failingSince!, problem }
}

/** An anchor that takes nothing at present. */
export interface AnchorFailure {
  readonly kind: Anchor['kind']
  readonly since: number
  /** Ends a sentence that begins with the anchor. */
  readonly problem: string
}

export async function failingAnchors(db: Db, anchors: readonly Anchor[]): Promise<readonly AnchorFailure[]> {
  const names = anchors.map(({ name }) => name)
  const { anchor, failingSince, problem } = trailAnchors
  const rows = await db
    .select({ anchor, since: min(failingSince), problem: sql<string>`min(${problem})` })
    .from(trailAnchors)
    .where(and(inArray(anchor, names), isNotNull(failingSince)))
    .groupBy(anchor)
  return rows.map((row) => ({
    kind: anchors.find(({ name }) => name === row.anchor)!.kind,
    since: row.since!,
    problem: row.problem,
  }))
}
