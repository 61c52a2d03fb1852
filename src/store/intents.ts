import { and, asc, eq, isNull } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Act, Intent, IntentContext, Outcome } from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { intents, runs } from './schema/runs.ts'
import { read, transact } from './transact.ts'

// An act is written before it is tried and settled after: a process that dies between leaves an open intent to be found.

/**
 * The intent bears the id of its line, so that the line of the outcome can name it as its cause.
 * Throws `Refusal` where the run that the act belongs to is not running: what somebody else ended does not act on.
 */
export function intend(ledger: Ledger, act: Act, context: IntentContext): Promise<Intent> {
  return transact(ledger.db, async (tx) => {
    if (context.runId !== null) await mustBeRunning(tx, act.guildId, context.runId)
    const [line] = await ledger.append(tx, [intendedLine(act, context)], context.at)
    const { runId, actor, at } = context
    await tx.insert(intents).values({ ...act, id: line!.id, runId, actor, at })
    return { id: line!.id, act }
  })
}

/** The row is held until the transaction ends, so that nobody ends the run between this look and the intent. */
async function mustBeRunning(tx: Db, guildId: Id, runId: string): Promise<void> {
  const one = and(eq(runs.guildId, guildId), eq(runs.id, runId))
  const [run] = await tx.select({ state: runs.state }).from(runs).where(one).for('share')
  if (run?.state === 'running') return
  throw new Refusal(
    `The run ${runId} is ${run ? run.state.replace('_', ' ') : 'not on record'}, so it changes nothing more. Start a new run for what is left.`,
  )
}

/** Intents that no outcome was written for, the oldest first, in every guild. */
export async function openIntents({ db }: Ledger, limit: number): Promise<readonly Intent[]> {
  const open = db.select().from(intents).where(isNull(intents.settledAt))
  const rows = await read(open.orderBy(asc(intents.at), asc(intents.id)).limit(limit))
  return rows.map(({ id, kind, guildId, memberId, roleId }) => ({
    id,
    act: { kind: kind as Act['kind'], guildId, memberId, roleId },
  }))
}

function intendedLine(act: Act, { runId, actor, finding, heldBefore, at: _at }: IntentContext): TrailDraft {
  const { category, policyAction, decidedBy, identityId, excessRoles, missingRoles } = finding
  const data = {
    act: act.kind,
    role: act.roleId,
    before: heldBefore,
    after: heldAfter(act, heldBefore),
    identity: identityId,
    rule: { category, policyAction, decidedBy },
    excessRoles,
    missingRoles,
  }
  return { ...lineOf(act, actor, runId), type: 'action.intended', data }
}

const heldAfter = ({ kind, roleId }: Act, before: readonly Id[]): readonly Id[] =>
  kind === 'remove_role' ? before.filter((id) => id !== roleId) : [...new Set([...before, roleId])]

/** An outcome is written once: the same again changes nothing, so that a caller may try again; another one throws, and so does an intent that is not there. */
export async function settle(
  ledger: Ledger,
  { id, act }: Intent,
  outcome: Outcome | 'changed',
  detail: string | null,
  at: number,
): Promise<void> {
  await transact(ledger.db, async (tx) => {
    const one = and(eq(intents.guildId, act.guildId), eq(intents.id, id))
    const open = and(one, isNull(intents.settledAt))
    const [settled] = await tx.update(intents).set({ outcome, detail, settledAt: at }).where(open).returning()
    if (!settled) {
      const [before] = await tx.select({ outcome: intents.outcome }).from(intents).where(one)
      if (before?.outcome === outcome) return
      throw new Error(`There is no open intent ${id} in guild ${act.guildId}.`)
    }
    const data = { act: act.kind, role: act.roleId, outcome, detail }
    const line = lineOf(act, settled.actor as Actor, settled.runId)
    await ledger.append(tx, [{ ...line, type: 'action.settled', cause: id, data }], at)
  })
}

function lineOf({ guildId, memberId }: Act, actor: Actor, runId: string | null) {
  const line = { guildId, actor, subject: `member:${memberId}` }
  return runId === null ? line : { ...line, run: runId }
}
