import { and, eq, inArray } from 'drizzle-orm'
import type { NewRun, Purpose, Run } from '#src/core/run.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import { takeKey } from './idempotency.ts'
import type { Ledger } from './ledger.ts'
import { interruptLeft } from './run-interrupts.ts'
import { alreadyUnderWay, isUnderWay, type RunRow, toRun } from './runs.ts'
import { storable } from './schema/columns.ts'
import { runs } from './schema/runs.ts'
import { mustHoldTerm } from './term.ts'
import { transact } from './transact.ts'

// How a run begins: once for each request, and one under way in each guild of those that would get in each other's way.

/** Of each of these sets a guild has one run under way at most; unique indexes of the database say the same. Of other purposes it has any number. */
const ONE_AT_A_TIME: readonly (readonly Purpose[])[] = [['audit', 'undo'], ['live']]

/**
 * Throws `Refusal` where a run that it would get in the way of is under way; returns the earlier run where the request was seen before.
 * With `isAlive`, a run that is under way and is not alive is interrupted first, so that a row which the database kept by mischance locks nobody out.
 * Throws `TermOver` where another bot acts by now than the one of this `term`: what that one is at work on is not alive here, and is none of ours to end.
 */
export function openRun(
  ledger: Ledger,
  run: NewRun,
  term: number | null,
  isAlive?: (runId: string) => boolean,
): Promise<{ readonly run: Run; readonly repeated: boolean }> {
  return transact(ledger.db, async (tx) => {
    const earlier = await takeKey(tx, run)
    if (earlier !== null) return { run: await earlierRun(tx, run.guildId, earlier), repeated: true }
    const left = isAlive ? await interruptLeft(tx, run.guildId, isAlive, run.at) : []
    const opened = await insert(tx, run)
    await ledger.append(tx, [...left, openedLine(run)], run.at)
    // Last, so that whoever takes over never waits for one that waits for the end of the trail.
    if (term !== null) await mustHoldTerm(tx, term)
    return { run: toRun(opened), repeated: false }
  })
}

/** A key is written in the transaction of its run. */
async function earlierRun(tx: Db, guildId: string, runId: string): Promise<Run> {
  const one = and(eq(runs.guildId, guildId), eq(runs.id, runId))
  const [row] = await tx.select().from(runs).where(one)
  return toRun(row!)
}

/** The unique indexes decide, and a competitor's insert is waited for. */
async function insert(tx: Db, run: NewRun): Promise<RunRow> {
  const { at, reason, only, ...rest } = run
  const narrowed = { onlyMember: only.memberId, onlyRole: only.roleId }
  const kept = { reason: reason === null ? null : storable(reason), state: 'pending', startedAt: at }
  const values = { ...rest, ...narrowed, ...kept }
  const [opened] = await tx.insert(runs).values(values).onConflictDoNothing().returning()
  if (opened) return opened
  const rivals = ONE_AT_A_TIME.find((purposes) => purposes.includes(run.purpose)) ?? []
  const [other] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.guildId, run.guildId), isUnderWay, inArray(runs.purpose, [...rivals])))
  throw alreadyUnderWay(other?.id)
}

function openedLine(run: NewRun): TrailDraft {
  const { guildId, id, actor, reason, idempotencyKey, purpose, cause, only, deadlineAt, trigger, action, mayDestroy } =
    run
  const line = { guildId, type: 'run.opened', actor, subject: `run:${id}`, cause: idempotencyKey, run: id } as const
  const data = { purpose, cause, only, trigger, action, mayDestroy, deadlineAt }
  return reason === null ? { ...line, data } : { ...line, data, texts: { reason } }
}
