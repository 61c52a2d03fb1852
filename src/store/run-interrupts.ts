import { and, asc, eq, inArray, lt, notInArray, type SQL } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import { restWords } from '#src/core/the-rest.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { outcomesOf } from './past-acts.ts'
import { type Mover, move, movedLine } from './run-moves.ts'
import { isUnderWay, type RunRow, toRun } from './runs.ts'
import { runs } from './schema/runs.ts'
import { transact } from './transact.ts'

// Runs that stand as under way though nobody is at work on them, or ought to be any more.

const KILLED = 'The bot ended in the middle of this run.'
const LEFT = 'The end of this run could not be written when it came, most likely because the database did not answer.'
const OVERDUE = 'The deadline of this run passed and nobody was at work on it any more.'

/** Overdue runs in one transaction; the next look finds the rest. */
const MAX_OVERDUE = 100

/** At start, when nothing can be under way: what a killed process left so, in any guild, is interrupted. Returns those runs as they are now. */
export function interruptStale(ledger: Ledger, at: number): Promise<readonly Run[]> {
  return transact(ledger.db, async (tx) => {
    const left = await lockUnderWay(tx)
    const { runs, lines } = await interruptAll(tx, left, KILLED, { actor: 'system:start' }, at)
    await ledger.append(tx, lines, at)
    return runs
  })
}

/** Interrupts the guild's runs that are under way and that nobody is at work on. Returns their lines, which the caller appends last. */
export async function interruptLeft(
  tx: Db,
  guildId: Id,
  isAlive: (runId: string) => boolean,
  at: number,
): Promise<readonly TrailDraft[]> {
  const ofGuild = and(eq(runs.guildId, guildId), isUnderWay)
  const underWay = await tx.select({ id: runs.id }).from(runs).where(ofGuild)
  const left = underWay.map(({ id }) => id).filter((id) => !isAlive(id))
  // Those that are alive are not locked: their acts would have to wait.
  const rows = left.length === 0 ? [] : await lockUnderWay(tx, and(ofGuild, inArray(runs.id, left)))
  return (await interruptAll(tx, rows, LEFT, { actor: 'system:runs' }, at)).lines
}

/** Interrupts runs of any guild whose deadline passed more than `graceMs` ago; those that are alive end by themselves. */
export function interruptOverdue(
  ledger: Ledger,
  alive: ReadonlySet<string>,
  now: number,
  graceMs: number,
): Promise<readonly Run[]> {
  return transact(ledger.db, async (tx) => {
    const isLeft = alive.size === 0 ? undefined : notInArray(runs.id, [...alive])
    const overdue = await lockUnderWay(tx, and(lt(runs.deadlineAt, now - graceMs), isLeft), MAX_OVERDUE)
    const interrupted = await interruptAll(tx, overdue, OVERDUE, { actor: 'system:runs' }, now)
    await ledger.append(tx, interrupted.lines, now)
    return interrupted.runs
  })
}

/** The rows are locked in one order, so that two who lock several never wait for each other. */
export function lockUnderWay(tx: Db, which?: SQL, limit = Number.MAX_SAFE_INTEGER): Promise<RunRow[]> {
  const underWay = tx.select().from(runs).where(and(isUnderWay, which))
  return underWay.orderBy(asc(runs.guildId), asc(runs.id)).limit(limit).for('update')
}

/** Interrupts these runs, each with why, what was done until then and how the rest comes about. Returns them as they are now, and their lines. */
export async function interruptAll(
  tx: Db,
  rows: readonly RunRow[],
  problem: string,
  by: Mover & { readonly actor: Actor },
  at: number,
): Promise<{ readonly runs: readonly Run[]; readonly lines: readonly TrailDraft[] }> {
  const interrupted: Run[] = []
  const lines: TrailDraft[] = []
  for (const row of rows) {
    const rest = `What was done until then is listed. ${restWords(toRun(row))}`
    const facts = { problem: `${problem} ${rest}`, outcomes: await outcomesOf(tx, row.guildId, row.id) }
    interrupted.push(toRun(await move(tx, row, 'interrupted', at, facts)))
    lines.push(movedLine(row, 'interrupted', facts, by))
  }
  return { runs: interrupted, lines }
}
