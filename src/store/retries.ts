import { and, asc, eq, lte } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Retry } from '#src/core/run.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { storable } from './schema/columns.ts'
import { retries } from './schema/runs.ts'
import { read, transact } from './transact.ts'

// Kicks that failed for a passing reason, one a member, kept so that a restart forgets none and repeats none.

/** In place of any other of this member. The same again changes nothing. */
export async function scheduleRetry(ledger: Ledger, retry: Retry, at: number): Promise<void> {
  const { guildId, memberId, ...wanted } = retry
  const after = { ...wanted, detail: wanted.detail && storable(wanted.detail) }
  await transact(ledger.db, async (tx) => {
    const [before] = await tx.select().from(retries).where(ofMember(guildId, memberId)).for('update')
    if (before && isSame(before, { ...before, ...after })) return
    const stored = tx.insert(retries).values({ guildId, memberId, ...after })
    await stored.onConflictDoUpdate({ target: [retries.guildId, retries.memberId], set: after })
    await ledger.append(tx, [postponedLine({ guildId, memberId, ...after })], at)
  })
}

/** In every guild, those that have waited the longest first. */
export async function dueRetries({ db }: Ledger, now: number, limit: number): Promise<readonly Retry[]> {
  const due = db.select().from(retries).where(lte(retries.notBefore, now))
  return read(due.orderBy(asc(retries.notBefore), asc(retries.guildId), asc(retries.memberId)).limit(limit))
}

/** No line: what came of the kick has one, where it was settled. */
export async function dropRetry({ db }: Ledger, guildId: Id, memberId: Id): Promise<void> {
  await read(db.delete(retries).where(ofMember(guildId, memberId)))
}

/** No line either: whoever gives up a run, or undoes it, has one. */
export async function dropRetriesOf(db: Db, guildId: Id, runId: string, memberId: Id | null): Promise<void> {
  const ofRun = and(eq(retries.guildId, guildId), eq(retries.runId, runId))
  await read(db.delete(retries).where(memberId === null ? ofRun : and(ofRun, eq(retries.memberId, memberId))))
}

const ofMember = (guildId: Id, memberId: Id) => and(eq(retries.guildId, guildId), eq(retries.memberId, memberId))

const isSame = (a: Retry, b: Retry): boolean =>
  a.runId === b.runId && a.tries === b.tries && a.notBefore === b.notBefore && a.detail === b.detail

function postponedLine({ guildId, memberId, runId, tries, notBefore, detail }: Retry): TrailDraft {
  const data = { tries, notBefore: new Date(notBefore).toISOString(), detail }
  return { guildId, type: 'kick.postponed', actor: 'system:retry', subject: `member:${memberId}`, run: runId, data }
}
