import { eq } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Ledger } from './ledger.ts'
import { storable } from './schema/columns.ts'
import { blindness } from './schema/standing.ts'
import { read, transact } from './transact.ts'

// A guild whose identity source is not to be trusted takes nothing from anybody; that begins and ends here.

export interface Blindness {
  readonly source: string
  readonly since: number
  /** As the truth check has them. */
  readonly why: readonly string[]
  /** The sentence of a source that could not be read; null where it answered. */
  readonly problem: string | null
}

/** True where the guild was not blind before; what made it blind first stands until it sees again. */
export function goBlind(
  ledger: Ledger,
  guildId: Id,
  { source, why, problem, at }: Omit<Blindness, 'since'> & { readonly at: number },
): Promise<boolean> {
  return transact(ledger.db, async (tx) => {
    const facts = { source, why: why.map(storable), problem: problem === null ? null : storable(problem) }
    const added = await tx
      .insert(blindness)
      .values({ guildId, since: at, ...facts })
      .onConflictDoNothing()
      .returning()
    if (added.length === 0) return false
    const line = {
      guildId,
      type: 'guild.blinded',
      actor: 'system:truth',
      subject: `guild:${guildId}`,
      data: facts,
    } as const
    await ledger.append(tx, [line], at)
    return true
  })
}

/** Since when it was blind; null where it was not. */
export function endBlindness(ledger: Ledger, guildId: Id, at: number): Promise<number | null> {
  return transact(ledger.db, async (tx) => {
    const [ended] = await tx.delete(blindness).where(eq(blindness.guildId, guildId)).returning()
    if (!ended) return null
    const { source, since } = ended
    const data = { source, since }
    const line = { guildId, type: 'guild.sighted', actor: 'system:truth', subject: `guild:${guildId}`, data } as const
    await ledger.append(tx, [line], at)
    return since
  })
}

export async function findBlindness({ db }: Ledger, guildId: Id): Promise<Blindness | null> {
  const [row] = await read(db.select().from(blindness).where(eq(blindness.guildId, guildId)))
  return row ? { source: row.source, since: row.since, why: row.why as readonly string[], problem: row.problem } : null
}
