import { and, desc, eq, inArray } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Quarantine } from '#src/core/run.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import { type By, byWhom, type Ledger } from './ledger.ts'
import { storable } from './schema/columns.ts'
import { quarantines } from './schema/standing.ts'
import { read, transact } from './transact.ts'

// What Discord refused to let the bot touch: left alone from then on, told of once, and taken up again when somebody releases it.

type What = Id | 'kick'

/** A guild has at most 250 roles (Discord's limit); of more, the oldest are of roles that are gone. One more is for kicks. */
export const MAX_QUARANTINES = 251

/** Where the bot itself sets something apart, or lets go of the oldest. */
const ITSELF = 'system:quarantine'

/** True where it was not there before: then it is time to tell somebody, once. */
export function quarantine(
  ledger: Ledger,
  guildId: Id,
  what: What,
  detail: string,
  runId: string | null,
  at: number,
): Promise<boolean> {
  return transact(ledger.db, async (tx) => {
    const data = { detail: storable(detail) }
    const values = { guildId, what, ...data, runId, at }
    const added = await tx.insert(quarantines).values(values).onConflictDoNothing().returning()
    if (added.length === 0) return false
    const line = { guildId, type: 'role.quarantined', actor: ITSELF, subject: subjectOf(what), data } as const
    const lines = [runId === null ? line : { ...line, run: runId }, ...(await dropOldest(tx, guildId, at))]
    await ledger.append(tx, lines, at)
    return true
  })
}

export async function findQuarantines({ db }: Ledger, guildId: Id): Promise<ReadonlyMap<What, Quarantine>> {
  const ofGuild = db.select().from(quarantines).where(eq(quarantines.guildId, guildId))
  const rows = await read(ofGuild.orderBy(quarantines.at, quarantines.what).limit(MAX_QUARANTINES))
  return new Map(rows.map(({ what, detail, at }) => [what, { what, detail, at }]))
}

/** Returns those that were in quarantine. */
export function release(ledger: Ledger, guildId: Id, what: readonly What[], by: By): Promise<readonly What[]> {
  return transact(ledger.db, async (tx) => {
    const lines = await remove(tx, guildId, what, by)
    await ledger.append(tx, lines, by.at)
    return what.filter((one) => lines.some(({ subject }) => subject === subjectOf(one)))
  })
}

async function dropOldest(tx: Db, guildId: Id, at: number): Promise<readonly TrailDraft[]> {
  const ofGuild = tx.select({ what: quarantines.what }).from(quarantines).where(eq(quarantines.guildId, guildId))
  const over = await ofGuild.orderBy(desc(quarantines.at), desc(quarantines.what)).offset(MAX_QUARANTINES)
  const what = over.map((one) => one.what)
  return remove(tx, guildId, what, { actor: ITSELF, at })
}

/** Returns a line for each that was there. */
async function remove(tx: Db, guildId: Id, what: readonly What[], by: By): Promise<readonly TrailDraft[]> {
  const wanted = and(eq(quarantines.guildId, guildId), inArray(quarantines.what, [...what]))
  const removed = await tx.delete(quarantines).where(wanted).returning()
  return removed.map((one) => ({ ...byWhom(by), guildId, type: 'role.released', subject: subjectOf(one.what) }))
}

const subjectOf = (what: What): string => (what === 'kick' ? 'act:kick' : `role:${what}`)
