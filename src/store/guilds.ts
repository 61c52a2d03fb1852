import { and, eq } from 'drizzle-orm'
import { fieldChanges } from '#src/core/field-changes.ts'
import type { Id } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { storable } from './schema/columns.ts'
import { acknowledgements, guilds } from './schema/guilds.ts'
import { read, transact } from './transact.ts'

// Which guilds there are, and what a human has taken upon themselves in each.

const FIRST_RUN = 'first_run'

/** Notes that the bot is in the guild, under this name. A line is written at the first time and where the name is another. */
export async function rememberGuild(ledger: Ledger, guildId: Id, name: string, at: number): Promise<void> {
  const known = { name: storable(name), seenAt: at }
  await transact(ledger.db, async (tx) => {
    const inserted = await tx
      .insert(guilds)
      .values({ guildId, firstSeenAt: at, ...known })
      .onConflictDoNothing()
      .returning()
    const line = { guildId, actor: 'system:roster', subject: `guild:${guildId}` } as const
    if (inserted.length > 0)
      return ledger.append(tx, [{ ...line, type: 'guild.remembered', texts: { name: known.name } }], at)
    const [before] = await tx.select().from(guilds).where(eq(guilds.guildId, guildId)).for('update')
    await tx.update(guilds).set(known).where(eq(guilds.guildId, guildId))
    const renamed: TrailDraft = { ...line, type: 'guild.renamed', texts: { before: before!.name, after: known.name } }
    return before!.name === known.name ? [] : ledger.append(tx, [renamed], at)
  })
}

/** Lifts the guild's first-run lock by the run that a human named; where it was lifted before, nothing changes and nothing is written. */
export async function acknowledge(ledger: Ledger, guildId: Id, run: Run, change: Change): Promise<void> {
  const { actor, at } = change
  await transact(ledger.db, async (tx) => {
    const lifted = await tx
      .insert(acknowledgements)
      .values({ guildId, kind: FIRST_RUN, runId: run.id, actor, at })
      .onConflictDoNothing()
      .returning()
    if (lifted.length === 0) return
    const { id, planDigest, counts } = run
    const data = { planDigest, counts, ...fieldChanges('acknowledged', false, true) }
    const line = { guildId, type: 'first_run.acknowledged', ...byWhom(change), subject: `run:${id}`, run: id, data }
    await ledger.append(tx, [line], at)
  })
}

/** Who lifted the first-run lock, when, and by which run; null where it holds. */
export async function acknowledgement(
  { db }: Ledger,
  guildId: Id,
): Promise<{ readonly by: string; readonly at: number; readonly run: string } | null> {
  const firstRun = and(eq(acknowledgements.guildId, guildId), eq(acknowledgements.kind, FIRST_RUN))
  const [row] = await read(db.select().from(acknowledgements).where(firstRun))
  return row ? { by: row.actor, at: row.at, run: row.runId } : null
}

/** Guilds named at once; a process that serves more is asked for one by its id. */
export const MAX_GUILDS = 2_500

/** The guilds that this installation has seen, in the order in which it did. */
export async function guildIds(db: Db): Promise<readonly Id[]> {
  const rows = await read(
    db.select({ guildId: guilds.guildId }).from(guilds).orderBy(guilds.firstSeenAt).limit(MAX_GUILDS),
  )
  return rows.map(({ guildId }) => guildId)
}
