import { and, asc, eq, inArray, isNull, lt, type SQL } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Act, Intent, IntentContext, Outcome, Run } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { toAct, toColumns } from './act-columns.ts'
import type { Db } from './handle.ts'
import { intendedLine, settledLine } from './intent-lines.ts'
import type { Ledger } from './ledger.ts'
import { intents, runs } from './schema/runs.ts'
import { mustHoldTerm } from './term.ts'
import { read, transact } from './transact.ts'

// An act is written before it is tried and settled after: a process that dies between leaves an open intent to be found.

/** Those who act where nobody asked; what they take counts towards the blast radius of a day. */
const UNATTENDED: ReadonlySet<Actor> = new Set<Actor>(['system:schedule', 'system:realtime'])

/** Of a console, which holds no term. */
const NO_TERM = 0

/**
 * The intent bears the id of its line, so that the line of the outcome can name it as its cause.
 * Throws `TermOver` where another bot acts by now, and `Refusal` where the run that the act belongs to is not running: what somebody else ended does not act on.
 */
export function intend(ledger: Ledger, act: Act, context: IntentContext, term: number | null): Promise<Intent> {
  const { runId, actor, at } = context
  return transact(ledger.db, async (tx) => {
    await mustBeRunning(tx, act.guildId, runId, term)
    const [line] = await ledger.append(tx, [intendedLine(act, context)], at)
    const facts = { id: line!.id, runId, actor, at, unattended: UNATTENDED.has(actor), term: term ?? NO_TERM }
    await tx.insert(intents).values({ ...toColumns(act), ...facts })
    // Last, so that whoever takes over never waits for one that waits for the end of the trail.
    if (term !== null) await mustHoldTerm(tx, term)
    return { id: line!.id, act }
  })
}

/** Throws as `intend` does where it would, and writes nothing. */
export function mustGoOn(ledger: Ledger, guildId: Id, runId: string, term: number | null): Promise<void> {
  return transact(ledger.db, async (tx) => {
    await mustBeRunning(tx, guildId, runId, term)
    if (term !== null) await mustHoldTerm(tx, term)
  })
}

/**
 * The row is held until the transaction ends, so that nobody ends the run between this look and the intent. It is held by one intent at a time, since
 * Postgres lets those who share a row go before one who wants it alone, and a stop would wait until a large run has done all it wants to do.
 */
async function mustBeRunning(tx: Db, guildId: Id, runId: string, term: number | null): Promise<void> {
  const one = and(eq(runs.guildId, guildId), eq(runs.id, runId))
  const [run] = await tx.select({ state: runs.state }).from(runs).where(one).for('no key update')
  if (run?.state === 'running') return
  // Whoever took over has interrupted it; that it did is what matters.
  if (term !== null) await mustHoldTerm(tx, term)
  throw new Refusal(
    `The run ${runId} is ${run ? run.state.replace('_', ' ') : 'not on record'}, so it changes nothing more. Start a new run for what is left.`,
  )
}

/** Intents that no outcome was written for, the oldest first, in every guild; of earlier terms only, where one is given: this one's are in hand. */
export async function openIntents({ db }: Ledger, limit: number, term: number | null): Promise<readonly Intent[]> {
  const earlier = term === null ? undefined : lt(intents.term, term)
  const open = db
    .select()
    .from(intents)
    .where(and(isNull(intents.settledAt), earlier))
  const rows = await read(open.orderBy(asc(intents.at), asc(intents.id)).limit(limit))
  return rows.map((row) => ({ id: row.id, act: toAct(row) }))
}

/** An outcome is written once: the same again changes nothing, so that a caller may try again; another one throws, and so does an intent that is not there. */
export async function settle(
  ledger: Ledger,
  intent: Intent,
  outcome: Outcome | 'changed',
  detail: string | null,
  at: number,
): Promise<void> {
  const { id, act } = intent
  await transact(ledger.db, async (tx) => {
    const one = and(eq(intents.guildId, act.guildId), eq(intents.id, id))
    const open = and(one, isNull(intents.settledAt))
    const run = await lockRunOf(tx, act.guildId, one)
    const [settled] = await tx.update(intents).set({ outcome, detail, settledAt: at }).where(open).returning()
    if (!settled) {
      const [before] = await tx.select({ outcome: intents.outcome }).from(intents).where(one)
      if (before?.outcome === outcome) return
      throw new Error(`There is no open intent ${id} in guild ${act.guildId}.`)
    }
    if (run) await countLate(tx, run, outcome)
    const by = { actor: settled.actor as Actor, runId: settled.runId }
    await ledger.append(tx, [settledLine(intent, by, outcome, detail)], at)
  })
}

type RunOf = Pick<typeof runs.$inferSelect, 'guildId' | 'id' | 'state' | 'outcomes'>

/** The run that the intent belongs to, held as for an intent: else one that somebody ends at this moment would never hear of the outcome. */
async function lockRunOf(tx: Db, guildId: Id, intent: SQL | undefined): Promise<RunOf | undefined> {
  const { id, state, outcomes } = runs
  const ofIntent = tx.select({ id: intents.runId }).from(intents).where(intent)
  const one = and(eq(runs.guildId, guildId), inArray(id, ofIntent))
  const [run] = await tx
    .select({ guildId: runs.guildId, id, state, outcomes })
    .from(runs)
    .where(one)
    .for('no key update')
  return run
}

/** A run that ended while the act was open has counted it as `unknown`; now it is known. */
async function countLate(tx: Db, { guildId, id, state, outcomes }: RunOf, outcome: Outcome | 'changed'): Promise<void> {
  const { unknown = 0, ...known } = outcomes as Run['outcomes']
  if (state === 'pending' || state === 'running' || unknown === 0) return
  const left = unknown > 1 ? { ...known, unknown: unknown - 1 } : known
  const counted = { ...left, [outcome]: (left[outcome] ?? 0) + 1 }
  await tx
    .update(runs)
    .set({ outcomes: counted })
    .where(and(eq(runs.guildId, guildId), eq(runs.id, id)))
}
