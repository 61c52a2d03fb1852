import { and, eq, inArray } from 'drizzle-orm'
import type { NewRun, Run } from '#src/core/run.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { interruptLeft } from './run-interrupts.ts'
import { alreadyUnderWay, toRun, UNDER_WAY } from './runs.ts'
import { storable } from './schema/columns.ts'
import { runs } from './schema/runs.ts'
import { transact } from './transact.ts'

// How a run begins: once for each request, one under way in each guild.

/**
 * Throws `Refusal` where a run of this guild is under way; returns the earlier run where the request was seen before.
 * With `isAlive`, a run that is under way and is not alive is interrupted first, so that a row which the database kept by mischance locks nobody out.
 */
export function openRun(
  ledger: Ledger,
  run: NewRun,
  isAlive?: (runId: string) => boolean,
): Promise<{ readonly run: Run; readonly repeated: boolean }> {
  return transact(ledger.db, async (tx) => {
    const { at, reason, ...rest } = run
    const values = { ...rest, reason: reason === null ? null : storable(reason), state: 'pending', startedAt: at }
    const left = isAlive ? await interruptLeft(tx, run.guildId, isAlive, at) : []
    // The unique indexes decide, and a competitor's insert is waited for; after that one of them says why this one is not in.
    const [opened] = await tx.insert(runs).values(values).onConflictDoNothing().returning()
    const outcome = opened
      ? { run: toRun(opened), repeated: false }
      : { run: await earlierRun(tx, run), repeated: true }
    await ledger.append(tx, opened ? [...left, openedLine(run)] : left, at)
    return outcome
  })
}

async function earlierRun(tx: Db, { guildId, idempotencyKey }: NewRun): Promise<Run> {
  const [same] = await tx
    .select()
    .from(runs)
    .where(and(eq(runs.guildId, guildId), eq(runs.idempotencyKey, idempotencyKey)))
  if (same) return toRun(same)
  const [other] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.guildId, guildId), inArray(runs.state, UNDER_WAY)))
  throw alreadyUnderWay(other?.id)
}

function openedLine({ guildId, id, trigger, action, actor, mayDestroy, reason, idempotencyKey }: NewRun): TrailDraft {
  const line = { guildId, type: 'run.opened', actor, subject: `run:${id}`, cause: idempotencyKey, run: id } as const
  const data = { trigger, action, mayDestroy }
  return reason === null ? { ...line, data } : { ...line, data, texts: { reason } }
}
