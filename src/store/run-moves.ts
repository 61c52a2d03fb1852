import { and, eq, sql } from 'drizzle-orm'
import type { Blast, Id } from '#src/core/model.ts'
import type { Run, RunState } from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import { codeOf } from './fault.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { dropRetriesOf } from './retries.ts'
import { alreadyUnderWay, type RunRow, toRun } from './runs.ts'
import { findings, runs } from './schema/runs.ts'
import { transact } from './transact.ts'

// How a run goes from state to state: only by the ways of this table, each with its line.

const MOVES: Readonly<Record<RunState, readonly RunState[]>> = {
  pending: ['running', 'failed', 'interrupted'],
  running: ['completed', 'failed', 'interrupted', 'awaiting_approval'],
  awaiting_approval: ['running', 'abandoned'],
  interrupted: ['running', 'abandoned'],
  completed: [],
  failed: [],
  abandoned: [],
}

const LINE_TYPES: Readonly<Record<RunState, string>> = {
  pending: 'run.opened',
  running: 'run.started',
  completed: 'run.completed',
  failed: 'run.failed',
  interrupted: 'run.interrupted',
  awaiting_approval: 'run.held',
  abandoned: 'run.abandoned',
}

/** Members that one line names at most; how many there were in all stands beside them. */
const MAX_NAMED = 500
const UNIQUE_VIOLATION = '23505'

/** What is stored with a move, and stands in its line. */
interface Facts {
  /** The sentence that a person reads. */
  readonly problem?: string | null
  /** What was done until then. */
  readonly outcomes?: Readonly<Record<string, number>>
  /** Where a resumed run gets a new one. */
  readonly deadlineAt?: number
  /** What the plan comes to, where a run is held that was planned within its limits. */
  readonly blast?: Blast
}

/** Who moves a run and why, where that is not who asked for it. */
export interface Mover {
  readonly actor?: Actor
  readonly cause?: string
}

export interface MoveFacts extends Facts, Mover {
  readonly problem?: string
}

/** Throws where the run is not there or may not move so: then a caller has lost track, and nothing is written. */
export async function moveRun(
  ledger: Ledger,
  guildId: Id,
  runId: string,
  to: RunState,
  at: number,
  { actor, cause, ...facts }: MoveFacts = {},
): Promise<void> {
  await transact(ledger.db, async (tx) => {
    const run = await lockRun(tx, guildId, runId)
    await move(tx, run, to, at, facts)
    // What is given up is not tried again either.
    if (to === 'abandoned') await dropRetriesOf(tx, guildId, runId, null)
    const by = { ...(actor && { actor }), ...(cause !== undefined && { cause }) }
    await ledger.append(tx, [movedLine(run, to, facts, by)], at)
  })
}

/** Ends the run `completed`, with what was done by outcome. */
export function completeRun(
  ledger: Ledger,
  guildId: Id,
  runId: string,
  outcomes: Readonly<Record<string, number>>,
  at: number,
): Promise<Run> {
  return transact(ledger.db, async (tx) => {
    const run = await lockRun(tx, guildId, runId)
    const completed = await move(tx, run, 'completed', at, { outcomes })
    const facts = { outcomes, changed: await whoChanged(tx, run) }
    await ledger.append(tx, [movedLine(run, 'completed', facts)], at)
    return toRun(completed)
  })
}

/** The run's row, held until the transaction ends. */
export async function lockRun(tx: Db, guildId: Id, runId: string): Promise<RunRow> {
  const run = await lockRunIfThere(tx, guildId, runId)
  if (!run) throw new Error(`There is no run ${runId} in guild ${guildId}.`)
  return run
}

export async function lockRunIfThere(tx: Db, guildId: Id, runId: string): Promise<RunRow | undefined> {
  const one = and(eq(runs.guildId, guildId), eq(runs.id, runId))
  const [run] = await tx.select().from(runs).where(one).for('update')
  return run
}

/** Its plan stays. Why it had ended is forgotten where it goes on, and kept where nobody wants it to. */
export async function move(tx: Db, run: RunRow, to: RunState, at: number, facts: Facts = {}): Promise<RunRow> {
  if (!MOVES[run.state as RunState].includes(to))
    throw new Error(`A run that is ${run.state} does not become ${to} (${run.id}).`)
  const endedAt = to === 'running' ? null : at
  const problem = to === 'abandoned' ? run.problem : null
  const change = tx.update(runs).set({ state: to, endedAt, problem, ...facts })
  const [moved] = await change
    .where(and(eq(runs.guildId, run.guildId), eq(runs.id, run.id)))
    .returning()
    .catch((error: unknown) => {
      // Only a run that goes on after a stop can meet another one.
      throw codeOf(error) === UNIQUE_VIOLATION ? alreadyUnderWay() : error
    })
  return moved!
}

export function movedLine(run: RunRow, to: RunState, data: TrailDraft['data'] & {}, by: Mover = {}): TrailDraft {
  return {
    guildId: run.guildId,
    type: to === 'running' && run.state !== 'pending' ? 'run.resumed' : LINE_TYPES[to],
    actor: run.actor as Actor,
    ...by,
    subject: `run:${run.id}`,
    run: run.id,
    data,
  }
}

/** Those who were no longer as planned when their turn came. */
async function whoChanged(tx: Db, run: RunRow): Promise<{ readonly count: number; readonly memberIds: readonly Id[] }> {
  const rows = await tx
    .select({ memberId: findings.memberId, count: sql<string>`count(*) over ()` })
    .from(findings)
    .where(
      and(
        eq(findings.guildId, run.guildId),
        eq(findings.runId, run.id),
        eq(findings.phase, 'shown'),
        eq(findings.outcome, 'changed'),
      ),
    )
    .orderBy(sql`length(${findings.memberId})`, findings.memberId)
    .limit(MAX_NAMED)
  return { count: Number(rows[0]?.count ?? 0), memberIds: rows.map(({ memberId }) => memberId) }
}
