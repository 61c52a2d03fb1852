import { and, eq, isNull } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { Act, Intent, IntentContext, Outcome } from '#src/core/run.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Ledger } from './ledger.ts'
import { intents } from './schema/runs.ts'
import { transact } from './transact.ts'

// An act is written before it is tried and settled after: a process that dies between leaves an open intent to be found.

/** The intent bears the id of its line, so that the line of the outcome can name it as its cause. */
export function intend(ledger: Ledger, act: Act, context: IntentContext): Promise<Intent> {
  return transact(ledger.db, async (tx) => {
    const [line] = await ledger.append(tx, [intendedLine(act, context)], context.at)
    const { runId, actor, at } = context
    await tx.insert(intents).values({ ...act, id: line!.id, runId, actor, at })
    return { id: line!.id, act }
  })
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

/** Throws where the intent is not there or was settled before: an outcome is written once. */
export async function settle(
  ledger: Ledger,
  { id, act }: Intent,
  outcome: Outcome,
  detail: string | null,
  at: number,
): Promise<void> {
  await transact(ledger.db, async (tx) => {
    const open = and(eq(intents.guildId, act.guildId), eq(intents.id, id), isNull(intents.settledAt))
    const [settled] = await tx.update(intents).set({ outcome, detail, settledAt: at }).where(open).returning()
    if (!settled) throw new Error(`There is no open intent ${id} in guild ${act.guildId}.`)
    const data = { act: act.kind, role: act.roleId, outcome, detail }
    const line = lineOf(act, settled.actor as Actor, settled.runId)
    await ledger.append(tx, [{ ...line, type: 'action.settled', cause: id, data }], at)
  })
}

function lineOf({ guildId, memberId }: Act, actor: Actor, runId: string | null) {
  const line = { guildId, actor, subject: `member:${memberId}` }
  return runId === null ? line : { ...line, run: runId }
}
