import { and, desc, eq, sql } from 'drizzle-orm'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from '#src/store/handle.ts'
import { INSTALLATION, trail, trailCheckpoints, trailHeads } from '#src/store/schema/trail.ts'

// What the record says of itself, so that whoever is told of its lines hears it: once a day its newest signed head, and that it was altered.

const DAY_MS = 86_400_000
const ITSELF = 'system:trail'
const CHECKPOINTED = 'trail.checkpointed'
const DAMAGED = 'trail.damage_found'

interface Head extends Record<string, unknown> {
  readonly chain: string
  readonly size: number
  readonly note: string
}

/** A line for each chain that has a checkpoint over newer lines than the one told last, a day or more ago: an idle record says nothing, day after day. */
export async function dailyHeads(db: Db, now: number, limit: number): Promise<readonly TrailDraft[]> {
  const due = sql.param(now - DAY_MS, trail.at)
  const rows = await db.execute<Head>(sql`
    select h.guild_id as chain, newest.size::float8 as size, newest.note
    from ${trailHeads} h
    cross join lateral (
      select * from ${trailCheckpoints} c where c.guild_id = h.guild_id order by c.size desc limit 1
    ) newest
    left join lateral (
      select seq, at from ${trail} t
      where t.guild_id = h.guild_id and t.subject = 'trail:' || h.guild_id and t.type = ${CHECKPOINTED}
      order by t.seq desc limit 1
    ) told on true
    left join lateral (select at from ${trail} t where t.guild_id = h.guild_id order by t.seq limit 1) oldest on true
    where newest.size > coalesce(told.seq, 0) and coalesce(told.at, oldest.at) <= ${due}
    order by h.guild_id limit ${limit}`)
  return [...rows].map(({ chain, size, note }) => draftOf(chain, CHECKPOINTED, { size, note }))
}

/** Null where the record has said so already, and nothing of itself since. */
export async function damageLine(db: Db, chain: string, detail: string): Promise<TrailDraft | null> {
  const ofItself = and(eq(trail.guildId, chain), eq(trail.subject, `trail:${chain}`))
  const [last] = await db.select({ type: trail.type }).from(trail).where(ofItself).orderBy(desc(trail.seq)).limit(1)
  return last?.type === DAMAGED ? null : draftOf(chain, DAMAGED, { detail })
}

const draftOf = (chain: string, type: string, data: Readonly<Record<string, unknown>>): TrailDraft => ({
  guildId: chain === INSTALLATION ? null : chain,
  type,
  actor: ITSELF,
  subject: `trail:${chain}`,
  data,
})
