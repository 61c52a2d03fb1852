import { and, eq, lt } from 'drizzle-orm'
import type { Run } from '#src/core/run.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Ledger } from './ledger.ts'
import { outcomesOf } from './past-acts.ts'
import { lockUnderWay } from './run-interrupts.ts'
import { move, movedLine } from './run-moves.ts'
import { toRun } from './runs.ts'
import { runs } from './schema/runs.ts'
import { transact } from './transact.ts'

// The live acts of a guild within an hour are one run, which nobody ends as they end an audit: it ends when its hour is over.

/** Ends every `live` run that began before then, `completed` with its acts by outcome. Those that never got to run are ended as well. */
export function closeLiveRuns(ledger: Ledger, startedBefore: number, at: number): Promise<readonly Run[]> {
  return transact(ledger.db, async (tx) => {
    const closed: Run[] = []
    const lines: TrailDraft[] = []
    for (const row of await lockUnderWay(tx, and(eq(runs.purpose, 'live'), lt(runs.startedAt, startedBefore)))) {
      const running = row.state === 'running' ? row : await move(tx, row, 'running', at)
      if (running !== row) lines.push(movedLine(row, 'running', {}, { actor: 'system:runs' }))
      const facts = { outcomes: await outcomesOf(tx, row.guildId, row.id) }
      closed.push(toRun(await move(tx, running, 'completed', at, facts)))
      lines.push(movedLine(running, 'completed', facts, { actor: 'system:runs' }))
    }
    await ledger.append(tx, lines, at)
    return closed
  })
}
