import { and, eq, gt, lte } from 'drizzle-orm'
import { fieldChanges } from '#src/core/field-changes.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Approval } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { byWhom, type Change, type Ledger } from './ledger.ts'
import { lockRunIfThere } from './run-moves.ts'
import type { RunRow } from './runs.ts'
import { approvals } from './schema/runs.ts'
import { read, transact } from './transact.ts'

// A human lets a run do the very plan that they have seen, for a time: the blast radius alone is lifted by it.

export interface NewApproval extends Change {
  readonly runId: string
  readonly digest: string
  readonly expiresAt: number
}

/** Writes the approval, in place of an older one of the same plan. Throws `Refusal` where the run does not wait for one, or waits with another plan. */
export async function approve(ledger: Ledger, guildId: Id, approval: NewApproval): Promise<void> {
  const { runId, digest, actor, at, expiresAt } = approval
  const values = { runId, actor, at, expiresAt }
  await transact(ledger.db, async (tx) => {
    mustWaitWith(await lockRunIfThere(tx, guildId, runId), runId, digest)
    await tx.delete(approvals).where(and(eq(approvals.guildId, guildId), lte(approvals.expiresAt, at)))
    await tx
      .insert(approvals)
      .values({ guildId, digest, ...values })
      .onConflictDoUpdate({ target: [approvals.guildId, approvals.digest], set: values })
    const data = {
      planDigest: digest,
      expiresAt,
      ...fieldChanges('approved', undefined, { planDigest: digest, expiresAt }),
    }
    const line = { guildId, type: 'plan.approved', ...byWhom(approval), subject: `run:${runId}`, run: runId, data }
    await ledger.append(tx, [line], at)
  })
}

function mustWaitWith(run: RunRow | undefined, runId: string, digest: string): void {
  if (!run)
    throw new Refusal(
      `There is no run ${runId} in this server, so nothing was approved. \`/audit runs\` shows which runs wait for approval.`,
    )
  if (run.state !== 'awaiting_approval')
    throw new Refusal(
      `The run ${runId} is ${run.state.replace('_', ' ')} and waits for no approval, so nothing was approved. \`/audit runs\` shows which runs do.`,
    )
  if (run.planDigest !== digest)
    throw new Refusal(
      `The run ${runId} waits with another plan than the one you named, so nothing was approved. Read its plan with \`/audit findings\`, and name the digest that stands there: ${run.planDigest}.`,
    )
}

/** Null where nobody approved this plan, or the approval has expired. */
export async function findApproval({ db }: Ledger, guildId: Id, digest: string, now: number): Promise<Approval | null> {
  const live = and(eq(approvals.guildId, guildId), eq(approvals.digest, digest), gt(approvals.expiresAt, now))
  const [row] = await read(db.select().from(approvals).where(live))
  if (!row) return null
  return { digest, runId: row.runId, by: row.actor as Actor, at: row.at, expiresAt: row.expiresAt }
}
