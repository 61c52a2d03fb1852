import { and, count, eq, inArray, sql } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { move, movedLine } from './run-moves.ts'
import { type RunRow, UNDER_WAY } from './runs.ts'
import { intents, runs } from './schema/runs.ts'
import { transact } from './transact.ts'

// Runs that stand as under way though nobody is at work on them.

const KILLED = 'The bot ended in the middle of this run. What was done until then is listed; a new run does the rest.'
const LEFT =
  'The end of this run could not be written when it came, most likely because the database did not answer. What was done until then is listed; a new run does the rest.'

/** At start, when nothing can be under way: what a killed process left so, in any guild, is interrupted. Returns those runs as they are now. */
export function interruptStale(ledger: Ledger, at: number): Promise<readonly Run[]> {
  return transact(ledger.db, async (tx) => {
    const left = await tx.select().from(runs).where(inArray(runs.state, UNDER_WAY)).for('update')
    const interrupted: Run[] = []
    const lines: TrailDraft[] = []
    for (const row of left) {
      const { run, line } = await interrupt(tx, row, KILLED, 'system:start', at)
      interrupted.push(run)
      lines.push(line)
    }
    await ledger.append(tx, lines, at)
    return interrupted
  })
}

/** Interrupts the guild's runs that are under way and that nobody is at work on. Returns their lines, which the caller appends last. */
export async function interruptLeft(
  tx: Db,
  guildId: Id,
  isAlive: (runId: string) => boolean,
  at: number,
): Promise<readonly TrailDraft[]> {
  const underWay = and(eq(runs.guildId, guildId), inArray(runs.state, UNDER_WAY))
  const rows = await tx.select().from(runs).where(underWay).for('update')
  const lines: TrailDraft[] = []
  for (const row of rows.filter(({ id }) => !isAlive(id)))
    lines.push((await interrupt(tx, row, LEFT, 'system:runs', at)).line)
  return lines
}

async function interrupt(
  tx: Db,
  row: RunRow,
  problem: string,
  actor: Actor,
  at: number,
): Promise<{ readonly run: Run; readonly line: TrailDraft }> {
  const facts = { problem, outcomes: await outcomesOf(tx, row) }
  return { run: await move(tx, row, 'interrupted', at, facts), line: movedLine(row, 'interrupted', facts, actor) }
}

/** The run's acts by outcome, as its intents say. One that is open may have been done and is `unknown`: nothing done is denied. */
async function outcomesOf(tx: Db, { guildId, id }: RunRow): Promise<Readonly<Record<string, number>>> {
  const outcome = sql<string>`coalesce(${intents.outcome}, 'unknown')`
  const rows = await tx
    .select({ outcome, acts: count() })
    .from(intents)
    .where(and(eq(intents.guildId, guildId), eq(intents.runId, id)))
    .groupBy(outcome)
  return Object.fromEntries(rows.map((row) => [row.outcome, row.acts]))
}
