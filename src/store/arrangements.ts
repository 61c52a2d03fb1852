import canonicalize from 'canonicalize'
import { and, eq, sql } from 'drizzle-orm'
import { type Arrangements, NO_ARRANGEMENTS } from '#src/core/arrangements.ts'
import { fieldChanges } from '#src/core/field-changes.ts'
import type { Id } from '#src/core/model.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import { lockGuild } from './guild-lock.ts'
import type { Db } from './handle.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { arrangements } from './schema/standing.ts'
import { read, transact } from './transact.ts'

// When the bot looks by itself and where it posts, one row a name; what was never arranged, or is no more, has none.

type Name = keyof Arrangements
const NAMES = Object.keys(NO_ARRANGEMENTS) as readonly Name[]

export function findArrangements({ db }: Ledger, guildId: Id): Promise<Arrangements> {
  return read(arrangementsIn(db, guildId))
}

/** Read as one object: drizzle would read an id that is JSON by itself a second time, as a number. A name that this program does not know is another version's. */
export async function arrangementsIn(db: Db, guildId: Id): Promise<Arrangements> {
  const [row] = await db.execute<{ all: Readonly<Record<string, unknown>> | null }>(
    sql`select jsonb_object_agg(name, value) as all from ${arrangements} where guild_id = ${guildId}`,
  )
  const stored = row?.all ?? {}
  const known = NAMES.filter((name) => Object.hasOwn(stored, name))
  // The rows hold only what `arrange` put there.
  return { ...NO_ARRANGEMENTS, ...Object.fromEntries(known.map((name) => [name, stored[name]])) }
}

/** Replaces those that `wanted` names; null takes one away. Whether they can be used is the caller's to judge. Returns what holds then. */
export function arrange(
  ledger: Ledger,
  guildId: Id,
  wanted: Partial<Arrangements>,
  change: Change,
): Promise<Arrangements> {
  return transact(ledger.db, async (tx) => {
    await lockGuild(tx, 'settings', guildId)
    const before = await arrangementsIn(tx, guildId)
    const after = { ...before, ...wanted }
    const changed = NAMES.filter((name) => canonicalize(before[name]) !== canonicalize(after[name]))
    for (const name of changed) await store(tx, guildId, name, after[name], change)
    const lines = changed.map((name) => changedLine(guildId, name, before[name], after[name], change))
    await ledger.append(tx, lines, change.at)
    return after
  })
}

async function store(tx: Db, guildId: Id, name: Name, value: unknown, { actor, at }: Change): Promise<void> {
  const one = and(eq(arrangements.guildId, guildId), eq(arrangements.name, name))
  await tx.delete(arrangements).where(one)
  if (value !== null) await tx.insert(arrangements).values({ guildId, name, value, at, actor })
}

function changedLine(guildId: Id, name: Name, before: unknown, after: unknown, change: Change): TrailDraft {
  const subject = `arrangement:${name}`
  const data = { before, after, ...fieldChanges(name, before ?? undefined, after ?? undefined) }
  return { ...byWhom(change), guildId, type: 'arrangement.changed', subject, data }
}
