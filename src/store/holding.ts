import { and, isNull, ne, sql } from 'drizzle-orm'
import type { Blast, Id } from '#src/core/model.ts'
import { shownIn } from './findings.ts'
import type { Db } from './handle.ts'
import type { Ledger } from './ledger.ts'
import { lockRun, move, movedLine } from './run-moves.ts'
import { findings } from './schema/runs.ts'
import { transact } from './transact.ts'

/**
 * Lets a run wait for a human, with what its plan comes to by now. Whatever is still to be done of the plan is shown as held from here on, though the
 * blast radius was open when the plan was stored; what it planned is kept beside that.
 */
export async function holdRun(ledger: Ledger, guildId: Id, runId: string, blast: Blast, at: number): Promise<void> {
  await transact(ledger.db, async (tx) => {
    const run = await lockRun(tx, guildId, runId)
    await move(tx, run, 'awaiting_approval', at, { blast })
    await keepPlanned(tx, guildId, runId)
    await holdBack(tx, guildId, runId)
    await ledger.append(tx, [movedLine(run, 'awaiting_approval', { blast })], at)
  })
}

/** Those that the blast radius held from the beginning are there already. */
async function keepPlanned(tx: Db, guildId: Id, runId: string): Promise<void> {
  await tx.execute(sql`
    insert into ${findings} (guild_id, run_id, phase, member_id, identity_id, category, policy_action, decided_by, gates,
      effective_action, kick, remove_roles, add_roles, excess_roles, missing_roles, unreachable_roles, outcome)
    select guild_id, run_id, 'planned', member_id, identity_id, category, policy_action, decided_by, gates,
      effective_action, kick, remove_roles, add_roles, excess_roles, missing_roles, unreachable_roles, outcome
    from ${findings} where ${shownIn(guildId, runId)}
    on conflict do nothing`)
}

/** As `heldBack` in the core has it; a finding of which something came is shown with that. */
async function holdBack(tx: Db, guildId: Id, runId: string): Promise<void> {
  const rest = and(shownIn(guildId, runId), ne(findings.effectiveAction, 'report'), isNull(findings.outcome))
  await tx
    .update(findings)
    .set({
      gates: sql`array_append(${findings.gates}, 'blast_radius')`,
      ...{ effectiveAction: 'report', kick: false, removeRoles: [], addRoles: [] },
    })
    .where(rest)
}
